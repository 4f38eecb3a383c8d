// Between LC_SMALL_BEGIN and LC_SMALL_END stands what runs once a layer or once a row of pixels: compiled for
// few bytes, which a page waits for, where the compiler can be told so. The loops that do the arithmetic stay
// outside. LC_ROLLED before a loop keeps it one: what it goes through does not fit into registers anyway.
#pragma once

#ifdef __clang__
#define LC_SMALL_BEGIN _Pragma("clang attribute push(__attribute__((minsize)), apply_to = function)")
#define LC_SMALL_END _Pragma("clang attribute pop")
#define LC_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define LC_SMALL_BEGIN
#define LC_SMALL_END
#define LC_ROLLED
#endif
