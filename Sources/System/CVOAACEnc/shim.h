#pragma once

#include <vo-aacenc/cmnMemory.h>
#include <vo-aacenc/voAAC.h>
