// Calls into the engines that are written in C++. An exception of theirs that reached a caller in Swift would end the
// process. So each function here calls `function`; when that throws, it returns false and says why in `fault`.
//
// espeak-ng is written in C and throws nothing.
#pragma once
#include "moonshine.h"
#include "sherpa_onnx.h"
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Why a call ended early: one line, cut where there is no more room, with a zero at its end.
typedef struct {
  char message[256];
} antiphon_fault;

bool antiphon_sherpa_create_tts(
    sherpa_create_tts_fn function, const sherpa_tts_config *config, const void **tts, antiphon_fault *fault);
bool antiphon_sherpa_generate(
    sherpa_tts_generate_fn function, const void *tts, const char *text, const sherpa_generation_config *config,
    sherpa_audio_callback callback, void *context, const sherpa_generated_audio **audio, antiphon_fault *fault);
bool antiphon_sherpa_destroy_audio(
    sherpa_destroy_audio_fn function, const sherpa_generated_audio *audio, antiphon_fault *fault);
bool antiphon_sherpa_destroy_tts(sherpa_destroy_tts_fn function, const void *tts, antiphon_fault *fault);

bool antiphon_sherpa_create_vad(
    sherpa_create_vad_fn function, const sherpa_vad_config *config, float buffer_seconds, const void **vad,
    antiphon_fault *fault);
bool antiphon_sherpa_vad_accept(
    sherpa_vad_accept_fn function, const void *vad, const float *samples, int32_t count, antiphon_fault *fault);
bool antiphon_sherpa_vad_detected(
    sherpa_vad_detected_fn function, const void *vad, int32_t *detected, antiphon_fault *fault);
bool antiphon_sherpa_vad_clear(sherpa_vad_clear_fn function, const void *vad, antiphon_fault *fault);
bool antiphon_sherpa_vad_reset(sherpa_vad_reset_fn function, const void *vad, antiphon_fault *fault);
bool antiphon_sherpa_destroy_vad(sherpa_destroy_vad_fn function, const void *vad, antiphon_fault *fault);

bool antiphon_moonshine_version(moonshine_get_version_fn function, int32_t *version, antiphon_fault *fault);
/// Loads the tiny model from its parts, which the library copies.
bool antiphon_moonshine_load(
    moonshine_load_transcriber_from_memory_files_fn function, const moonshine_model_parts *parts,
    const moonshine_option *option, int32_t *handle, antiphon_fault *fault);
bool antiphon_moonshine_transcribe(
    moonshine_transcribe_without_streaming_fn function, int32_t handle, const float *samples, uint64_t count,
    int32_t sample_rate, moonshine_transcript **transcript, int32_t *status, antiphon_fault *fault);
bool antiphon_moonshine_describe(
    moonshine_error_to_string_fn function, int32_t error, const char **text, antiphon_fault *fault);
bool antiphon_moonshine_free(moonshine_free_transcriber_fn function, int32_t handle, antiphon_fault *fault);

#ifdef __cplusplus
}
#endif
