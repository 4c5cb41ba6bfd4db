# What every folder's CMakeLists.txt uses: one function for a library of ours, one for a tool, one shared precompiled
# header, ccache and lld where they are.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
add_link_options(-fuse-ld=lld)
add_compile_options(-Wall -Wextra -Wno-unused-parameter -fdiagnostics-color=auto)
# ccache can hash a precompiled header only when it carries no time stamp.
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")

# Tools share the libraries' precompiled header, which must be compiled with the same flags.
set(CMAKE_CXX_COMPILE_OPTIONS_PIE -fPIC)

# MLIR's headers cost seconds in every file without this.
function(tw_use_pch target)
  if(NOT TARGET TWPch)
    file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp "// carries the shared precompiled header\n")
    add_library(TWPch OBJECT ${CMAKE_BINARY_DIR}/pch.cpp)
    tw_mlir_flags(TWPch)
    target_precompile_headers(TWPch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.h)
  endif()
  target_precompile_headers(${target} REUSE_FROM TWPch)
endfunction()

function(tw_mlir_flags target)
  target_include_directories(${target} SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_compile_definitions(${target} PRIVATE ${LLVM_DEFINITIONS_LIST})
  target_compile_options(${target} PRIVATE -fno-exceptions)
endfunction()

# tw_add_library(NAME sources... [LINK libraries...] [DEPENDS generated-targets...])
# A static library of ours over libMLIR.so and libLLVM.so.
function(tw_add_library name)
  cmake_parse_arguments(A "" "" "LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${A_UNPARSED_ARGUMENTS})
  tw_mlir_flags(${name})
  tw_use_pch(${name})
  target_link_libraries(${name} PUBLIC ${A_LINK} MLIR LLVM)
  if(A_DEPENDS)
    add_dependencies(${name} ${A_DEPENDS})
  endif()
endfunction()

# tw_add_tool(NAME sources... [LINK libraries...])
function(tw_add_tool name)
  cmake_parse_arguments(A "" "" "LINK" ${ARGN})
  add_executable(${name} ${A_UNPARSED_ARGUMENTS})
  tw_mlir_flags(${name})
  tw_use_pch(${name})
  target_link_libraries(${name} PRIVATE ${A_LINK} MLIR LLVM)
endfunction()

# tw_pass_tablegen(OUTPUT TD flags...)
function(tw_pass_tablegen output td)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${LLVM_ROOT_DIR}/bin/mlir-tblgen ${ARGN} -I${CMAKE_SOURCE_DIR} -I${MLIR_INCLUDE_DIRS} ${td} -o ${output}.new
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${output}.new ${output}
    DEPENDS ${td} VERBATIM)
endfunction()
