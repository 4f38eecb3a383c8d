# Writes the bytes of FONT as a C++ array NAME into OUT. Called as: cmake -DFONT=... -DNAME=... -DOUT=... -P embed.cmake
file(READ "${FONT}" hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE "${OUT}" "#include \"shared/ui/fonts/fonts.h\"\n"
  "namespace lc::ui {\n"
  "static const unsigned char bytes_of_${NAME}[] = {${bytes}};\n"
  "const Bytes ${NAME}{bytes_of_${NAME}, ${size}};\n"
  "}  // namespace lc::ui\n")
