# What every folder's CMakeLists.txt uses: one function for a library of ours, one for a tool, one shared precompiled
# header, ccache and lld where they are.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Without it nothing that uses a precompiled header is cached.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()
add_link_options(-fuse-ld=lld)
add_compile_options(-Wall -Wextra -Wno-unused-parameter -fdiagnostics-color=auto)
# ccache can hash a precompiled header only when it carries no time stamp.
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")

# Tools share the libraries' precompiled header, which must be compiled with the same flags.
set(CMAKE_CXX_COMPILE_OPTIONS_PIE -fPIC)

# MLIR's headers cost seconds in every file without a precompiled header. There are two: one of MLIR's alone, and one that
# TWNN makes with the nn dialect's ops on top, for itself and for everything that links it.
function(tw_use_pch target)
  set(header ${CMAKE_SOURCE_DIR}/cmake/pch.h)
  if(target STREQUAL TWNN)
    target_precompile_headers(TWNN PRIVATE ${header} ${CMAKE_SOURCE_DIR}/dialects/nn/NN.h)
    return()
  endif()
  tw_links_nn(${target} has_nn)
  if(has_nn)
    target_precompile_headers(${target} REUSE_FROM TWNN)
    return()
  endif()
  if(NOT TARGET TWPch)
    file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp "// carries the shared precompiled header\n")
    add_library(TWPch OBJECT ${CMAKE_BINARY_DIR}/pch.cpp)
    tw_mlir_flags(TWPch)
    target_precompile_headers(TWPch PRIVATE ${header})
  endif()
  target_precompile_headers(${target} REUSE_FROM TWPch)
endfunction()

# Whether a target links TWNN, itself or through our other libraries.
function(tw_links_nn target result)
  set(${result} FALSE PARENT_SCOPE)
  get_target_property(linked ${target} LINK_LIBRARIES)
  foreach(library ${linked})
    if(library STREQUAL TWNN)
      set(${result} TRUE PARENT_SCOPE)
      return()
    endif()
    if(library MATCHES "^TW" AND TARGET ${library})
      tw_links_nn(${library} inner)
      if(inner)
        set(${result} TRUE PARENT_SCOPE)
        return()
      endif()
    endif()
  endforeach()
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
  target_link_libraries(${name} PUBLIC ${A_LINK} MLIR LLVM)
  tw_use_pch(${name})
  if(A_DEPENDS)
    add_dependencies(${name} ${A_DEPENDS})
  endif()
endfunction()

# tw_add_tool(NAME sources... [LINK libraries...])
function(tw_add_tool name)
  cmake_parse_arguments(A "" "" "LINK" ${ARGN})
  add_executable(${name} ${A_UNPARSED_ARGUMENTS})
  tw_mlir_flags(${name})
  target_link_libraries(${name} PRIVATE ${A_LINK} MLIR LLVM)
  tw_use_pch(${name})
endfunction()

# tw_pass_tablegen(OUTPUT TD flags...)
function(tw_pass_tablegen output td)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${LLVM_ROOT_DIR}/bin/mlir-tblgen ${ARGN} -I${CMAKE_SOURCE_DIR} -I${MLIR_INCLUDE_DIRS} ${td} -o ${output}.new
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${output}.new ${output}
    DEPENDS ${td} VERBATIM)
endfunction()
