#include "engine_calls.h"

#include <cstddef>
#include <exception>

namespace {

// The text on one line, as much of it as there is room for.
void describe(antiphon_fault *fault, const char *text) noexcept {
  std::size_t length = 0;
  for (; text[length] != 0 && length + 1 < sizeof fault->message; ++length) {
    const auto character = static_cast<unsigned char>(text[length]);
    fault->message[length] = character < ' ' ? ' ' : text[length];
  }
  fault->message[length] = 0;
}

template <typename Body> bool guarded(antiphon_fault *fault, Body body) noexcept {
  try {
    body();
    return true;
  } catch (const std::exception &error) {
    describe(fault, error.what());
  } catch (...) {
    describe(fault, "it threw something that is no std::exception");
  }
  return false;
}

} // namespace

bool antiphon_sherpa_create_tts(
    sherpa_create_tts_fn function, const sherpa_tts_config *config, const void **tts, antiphon_fault *fault) {
  return guarded(fault, [&] { *tts = function(config); });
}

bool antiphon_sherpa_generate(
    sherpa_tts_generate_fn function, const void *tts, const char *text, const sherpa_generation_config *config,
    sherpa_audio_callback callback, void *context, const sherpa_generated_audio **audio, antiphon_fault *fault) {
  return guarded(fault, [&] { *audio = function(tts, text, config, callback, context); });
}

bool antiphon_sherpa_destroy_audio(
    sherpa_destroy_audio_fn function, const sherpa_generated_audio *audio, antiphon_fault *fault) {
  return guarded(fault, [&] { function(audio); });
}

bool antiphon_sherpa_destroy_tts(sherpa_destroy_tts_fn function, const void *tts, antiphon_fault *fault) {
  return guarded(fault, [&] { function(tts); });
}

bool antiphon_sherpa_create_vad(
    sherpa_create_vad_fn function, const sherpa_vad_config *config, float buffer_seconds, const void **vad,
    antiphon_fault *fault) {
  return guarded(fault, [&] { *vad = function(config, buffer_seconds); });
}

bool antiphon_sherpa_vad_accept(
    sherpa_vad_accept_fn function, const void *vad, const float *samples, int32_t count, antiphon_fault *fault) {
  return guarded(fault, [&] { function(vad, samples, count); });
}

bool antiphon_sherpa_vad_detected(
    sherpa_vad_detected_fn function, const void *vad, int32_t *detected, antiphon_fault *fault) {
  return guarded(fault, [&] { *detected = function(vad); });
}

bool antiphon_sherpa_vad_clear(sherpa_vad_clear_fn function, const void *vad, antiphon_fault *fault) {
  return guarded(fault, [&] { function(vad); });
}

bool antiphon_sherpa_vad_reset(sherpa_vad_reset_fn function, const void *vad, antiphon_fault *fault) {
  return guarded(fault, [&] { function(vad); });
}

bool antiphon_sherpa_destroy_vad(sherpa_destroy_vad_fn function, const void *vad, antiphon_fault *fault) {
  return guarded(fault, [&] { function(vad); });
}

bool antiphon_moonshine_version(moonshine_get_version_fn function, int32_t *version, antiphon_fault *fault) {
  return guarded(fault, [&] { *version = function(); });
}

bool antiphon_moonshine_load(
    moonshine_load_transcriber_from_memory_files_fn function, const moonshine_model_parts *parts,
    const moonshine_option *option, int32_t *handle, antiphon_fault *fault) {
  // The names by which the library knows what each part is.
  const char *names[] = {"encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"};
  const uint8_t *bytes[] = {parts->encoder, parts->decoder, parts->tokenizer};
  const uint64_t sizes[] = {parts->encoder_size, parts->decoder_size, parts->tokenizer_size};
  return guarded(fault, [&] {
    *handle = function(
        names, bytes, sizes, sizeof names / sizeof *names, ANTIPHON_MOONSHINE_TINY, option, 1,
        ANTIPHON_MOONSHINE_INTERFACE);
  });
}

bool antiphon_moonshine_transcribe(
    moonshine_transcribe_without_streaming_fn function, int32_t handle, const float *samples, uint64_t count,
    int32_t sample_rate, moonshine_transcript **transcript, int32_t *status, antiphon_fault *fault) {
  return guarded(fault, [&] { *status = function(handle, samples, count, sample_rate, 0, transcript); });
}

bool antiphon_moonshine_describe(
    moonshine_error_to_string_fn function, int32_t error, const char **text, antiphon_fault *fault) {
  return guarded(fault, [&] { *text = function(error); });
}

bool antiphon_moonshine_free(moonshine_free_transcriber_fn function, int32_t handle, antiphon_fault *fault) {
  return guarded(fault, [&] { function(handle); });
}
