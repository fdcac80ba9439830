#pragma once

#include <opusenc.h>

/* ope_encoder_ctl takes variable arguments, which Swift cannot pass. */

static inline int ope_set_decision_delay(OggOpusEnc *encoder, opus_int32 samples_at_48_khz) {
    return ope_encoder_ctl(encoder, OPE_SET_DECISION_DELAY(samples_at_48_khz));
}

static inline int ope_set_muxing_delay(OggOpusEnc *encoder, opus_int32 samples_at_48_khz) {
    return ope_encoder_ctl(encoder, OPE_SET_MUXING_DELAY(samples_at_48_khz));
}

static inline int ope_set_bitrate(OggOpusEnc *encoder, opus_int32 bits_per_second) {
    return ope_encoder_ctl(encoder, OPUS_SET_BITRATE(bits_per_second));
}
