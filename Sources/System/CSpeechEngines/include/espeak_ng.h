// What we use of the C interface of espeak-ng 1.51 (API revision 12): our own declarations of its binary interface.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define ANTIPHON_ESPEAK_SYNCHRONOUS 2
#define ANTIPHON_ESPEAK_DONT_EXIT 0x8000
#define ANTIPHON_ESPEAK_UTF8 1u
#define ANTIPHON_ESPEAK_POSITION_CHARACTER 1
#define ANTIPHON_ESPEAK_RATE 1
#define ANTIPHON_ESPEAK_NORMAL_RATE 175

typedef struct {
  int type;
  unsigned int unique_identifier;
  int text_position, length, audio_position, sample;
  void *user_data;
  union {
    int number;
    const char *name;
    char string[8];
  } id;
} espeak_event;

typedef struct {
  const char *name;
  const char *languages; // pairs of a priority byte and a NUL-terminated tag, ended by a zero byte
  const char *identifier;
  unsigned char gender; // 0 none, 1 male, 2 female
  unsigned char age, variant, reserved;
  int score;
  void *spare;
} espeak_voice;

typedef int (*espeak_callback)(short *samples, int count, espeak_event *events);

typedef const char *(*espeak_info_fn)(const char **data_path);
typedef int (*espeak_initialize_fn)(int output, int buffer_ms, const char *path, int options);
typedef void (*espeak_set_synth_callback_fn)(espeak_callback callback);
typedef int (*espeak_set_voice_by_name_fn)(const char *name);
typedef int (*espeak_set_parameter_fn)(int parameter, int value, int relative);
typedef int (*espeak_synth_fn)(
    const void *text, size_t size, unsigned int position, int position_type, unsigned int end_position,
    unsigned int flags, unsigned int *identifier, void *user_data);
typedef const espeak_voice **(*espeak_list_voices_fn)(espeak_voice *specification);
