// What we use of libmoonshine's C interface (PyPI moonshine-voice 0.1.0, interface version 30000).
// The wheel has no header; these are our own declarations of its binary interface.
#pragma once
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define ANTIPHON_MOONSHINE_INTERFACE 30000
#define ANTIPHON_MOONSHINE_TINY 0u

typedef struct {
  char *text;
  float start, end, confidence;
} moonshine_word;

typedef struct {
  char *text;
  float *audio;
  size_t audio_count;
  float start_time, duration;
  uint64_t id;
  int8_t is_complete, is_updated, is_new, has_text_changed, have_speakers_changed;
  void *speaker_spans;
  uint64_t speaker_span_count;
  uint32_t last_latency_ms;
  moonshine_word *words;
  uint64_t word_count;
} moonshine_line;

typedef struct {
  moonshine_line *lines;
  uint64_t line_count;
} moonshine_transcript;

typedef struct {
  const char *name, *value;
} moonshine_option;

// The files of a model, in memory. Not part of the library's interface.
typedef struct {
  const uint8_t *encoder, *decoder, *tokenizer;
  uint64_t encoder_size, decoder_size, tokenizer_size;
} moonshine_model_parts;

static_assert(sizeof(moonshine_word) == 24, "layout of interface 30000");
static_assert(sizeof(moonshine_line) == 88, "layout of interface 30000");

typedef int32_t (*moonshine_get_version_fn)(void);
typedef const char *(*moonshine_error_to_string_fn)(int32_t error);
typedef int32_t (*moonshine_load_transcriber_from_memory_files_fn)(
    const char **names, const uint8_t **files, const uint64_t *sizes, uint64_t count, uint32_t architecture,
    const moonshine_option *options, uint64_t option_count, int32_t interface_version);
typedef void (*moonshine_free_transcriber_fn)(int32_t handle);
typedef int32_t (*moonshine_transcribe_without_streaming_fn)(
    int32_t handle, const float *samples, uint64_t count, int32_t sample_rate, uint32_t flags,
    moonshine_transcript **transcript);
