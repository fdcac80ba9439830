#pragma once
#include "engine_calls.h"
#include "engine_output.h"
#include "espeak_ng.h"
#include "moonshine.h"
#include "sherpa_onnx.h"
