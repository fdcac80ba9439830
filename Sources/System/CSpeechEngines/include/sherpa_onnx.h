// What we use of the C interface of sherpa-onnx 1.13.8 (Apache-2.0): our own declarations of its binary interface.
// Every configuration must be zero-initialised; a test compares the layouts with the header of the installed wheel.
#pragma once
#include <stdint.h>

typedef struct {
  const char *model, *lexicon, *tokens, *data_dir;
  float noise_scale, noise_scale_w, length_scale;
  const char *dict_dir;
} sherpa_vits_config;

// The model families between the piper voice and the end of the structure; they stay zero.
typedef struct {
  const char *strings[5];
  float numbers[2];
  const char *dict_dir;
} sherpa_matcha_config;

typedef struct {
  const char *strings[4];
  float length_scale;
  const char *more_strings[3];
} sherpa_kokoro_config;

typedef struct {
  const char *strings[4];
  float length_scale;
} sherpa_kitten_config;

typedef struct {
  const char *strings[6];
  float numbers[4];
} sherpa_zipvoice_config;

typedef struct {
  const char *strings[7];
  int32_t cache_capacity;
} sherpa_pocket_config;

typedef struct {
  const char *strings[7];
} sherpa_supertonic_config;

typedef struct {
  sherpa_vits_config vits;
  int32_t num_threads, debug;
  const char *provider;
  sherpa_matcha_config matcha;
  sherpa_kokoro_config kokoro;
  sherpa_kitten_config kitten;
  sherpa_zipvoice_config zipvoice;
  sherpa_pocket_config pocket;
  sherpa_supertonic_config supertonic;
} sherpa_tts_model_config;

typedef struct {
  sherpa_tts_model_config model;
  const char *rule_fsts;
  int32_t max_num_sentences;
  const char *rule_fars;
  float silence_scale;
} sherpa_tts_config;

typedef struct {
  float silence_scale, speed;
  int32_t sid;
  const float *reference_audio;
  int32_t reference_audio_len, reference_sample_rate;
  const char *reference_text;
  int32_t num_steps;
  const char *extra;
} sherpa_generation_config;

typedef struct {
  const float *samples;
  int32_t n, sample_rate;
} sherpa_generated_audio;

typedef struct {
  const char *model;
  float threshold, min_silence_duration, min_speech_duration;
  int32_t window_size;
  float max_speech_duration;
} sherpa_vad_family_config;

typedef struct {
  sherpa_vad_family_config silero_vad;
  int32_t sample_rate, num_threads;
  const char *provider;
  int32_t debug;
  sherpa_vad_family_config ten_vad;
} sherpa_vad_config;

typedef int32_t (*sherpa_audio_callback)(const float *samples, int32_t count, float progress, void *context);

typedef const char *(*sherpa_get_version_fn)(void);
typedef const void *(*sherpa_create_tts_fn)(const sherpa_tts_config *config);
typedef void (*sherpa_destroy_tts_fn)(const void *tts);
typedef int32_t (*sherpa_tts_sample_rate_fn)(const void *tts);
typedef const sherpa_generated_audio *(*sherpa_tts_generate_fn)(
    const void *tts, const char *text, const sherpa_generation_config *config, sherpa_audio_callback callback,
    void *context);
typedef void (*sherpa_destroy_audio_fn)(const sherpa_generated_audio *audio);
typedef const void *(*sherpa_create_vad_fn)(const sherpa_vad_config *config, float buffer_seconds);
typedef void (*sherpa_destroy_vad_fn)(const void *vad);
typedef void (*sherpa_vad_accept_fn)(const void *vad, const float *samples, int32_t count);
typedef int32_t (*sherpa_vad_detected_fn)(const void *vad);
typedef void (*sherpa_vad_clear_fn)(const void *vad);
typedef void (*sherpa_vad_reset_fn)(const void *vad);
