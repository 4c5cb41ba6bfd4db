# ninja docs: the reference of ops and passes, build/docs/*.md, written by TableGen from their descriptions.

set(TW_DOCS ${CMAKE_BINARY_DIR}/docs)
file(MAKE_DIRECTORY ${TW_DOCS})

function(tw_document name td)
  add_custom_command(
    OUTPUT ${TW_DOCS}/${name}.md
    COMMAND ${LLVM_ROOT_DIR}/bin/mlir-tblgen ${ARGN} -I${CMAKE_SOURCE_DIR} -I${MLIR_INCLUDE_DIRS} ${td} -o ${TW_DOCS}/${name}.md
    DEPENDS ${td} ${TW_DOCUMENTED} VERBATIM)
  set_property(GLOBAL APPEND PROPERTY TW_DOC_FILES ${TW_DOCS}/${name}.md)
endfunction()

file(GLOB TW_DOCUMENTED CONFIGURE_DEPENDS dialects/*/*.td dialects/*/ops/*.td passes/*.td)
foreach(dialect nn tile rt check)
  tw_document(${dialect} ${CMAKE_BINARY_DIR}/dialects/${dialect}/Ops.td -gen-dialect-doc -dialect=${dialect})
endforeach()
tw_document(passes ${CMAKE_SOURCE_DIR}/passes/Passes.td -gen-pass-doc)
get_property(files GLOBAL PROPERTY TW_DOC_FILES)
add_custom_target(docs ALL DEPENDS ${files})
