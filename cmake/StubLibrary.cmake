# tw_stub_library(SONAME): a shared library that only names the symbols listed in SONAME.txt, with their versions, to
# link against where the real one's development files need not be.
function(tw_stub_library soname)
  set(list ${CMAKE_CURRENT_SOURCE_DIR}/${soname}.txt)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
  file(STRINGS ${list} lines REGEX "^[^#]")
  set(assembly ".text\n")
  set(versions "")
  foreach(line ${lines})
    separate_arguments(words UNIX_COMMAND "${line}")
    list(GET words 0 symbol)
    list(GET words 1 version)
    if("${line}" MATCHES " ([0-9]+)$")
      string(APPEND assembly ".globl ${symbol}\n.type ${symbol},@object\n.size ${symbol},${CMAKE_MATCH_1}\n"
             ".section .bss.${symbol},\"aw\",@nobits\n${symbol}: .zero ${CMAKE_MATCH_1}\n.text\n")
    else()
      string(APPEND assembly ".globl ${symbol}\n.type ${symbol},@function\n${symbol}: .byte 0\n")
    endif()
    list(APPEND versions ${version})
    string(APPEND symbols_${version} " ${symbol};")
  endforeach()
  list(REMOVE_DUPLICATES versions)
  set(script "")
  foreach(version ${versions})
    string(APPEND script "${version} {${symbols_${version}} };\n")
  endforeach()
  set(base ${CMAKE_CURRENT_BINARY_DIR}/${soname})
  file(CONFIGURE OUTPUT ${base}.s CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${base}.map CONTENT "${script}" @ONLY)
  add_custom_command(
    OUTPUT ${base}
    COMMAND ${CMAKE_C_COMPILER} -shared -nostdlib -fuse-ld=lld -Wl,-soname,${soname} -Wl,--version-script=${base}.map
            -Wl,--build-id=none -Wl,--strip-all ${base}.s -o ${base}
    DEPENDS ${base}.s ${base}.map
    COMMENT "Naming the symbols of ${soname}")
endfunction()
