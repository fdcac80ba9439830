// The module has declarations only; the engines are loaded at run time.
#include "CSpeechEngines.h"
