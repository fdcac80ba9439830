#pragma once

// The functions with enums as parameters, which every version has.
#define MPG123_ENUM_API
#include <mpg123.h>
