#pragma once
#include "espeak_ng.h"
#include "moonshine.h"
#include "sherpa_onnx.h"
