/* The bytes of a parcel. A value is a tag, then the tag's number or text, then for tables and functions more values.
 * Numbers take 8 bytes as they lie in memory; a text is its length as a number, then its bytes. The tags are part of a
 * model's fingerprint, which stores keep: a letter never changes its meaning. */
#ifndef ENS_SCRIPT_TRANSFER_TAG_H
#define ENS_SCRIPT_TRANSFER_TAG_H

typedef enum ens_tag {
  ENS_TAG_NIL = 'N',
  ENS_TAG_TRUE = 'T',
  ENS_TAG_FALSE = 'F',
  ENS_TAG_INTEGER = 'i',  /* number: 64 bits with sign */
  ENS_TAG_FLOAT = 'd',    /* number: a double's bits */
  ENS_TAG_STRING = 's',   /* text */
  ENS_TAG_GLOBALS = 'G',  /* the table of globals */
  ENS_TAG_KNOWN = 'p',    /* text: the name of something that every state has */
  ENS_TAG_MODULE = 'm',   /* text: the name that require takes */
  ENS_TAG_ARRAY = 'a',    /* number: the array's index in the parcel */
  ENS_TAG_WORK = 'w',     /* number: the same, of an array of which each state makes a copy to write to */
  ENS_TAG_OBJECT = 'o',   /* number: an object that came before, counted from 0 with the captured variables */
  ENS_TAG_TABLE = 't',    /* number: of pairs; then key and value of each, and the metatable or nil */
  ENS_TAG_FUNCTION = 'f', /* text: bytecode; then its captured variables, and ENS_TAG_END */
  ENS_TAG_CFUNCTION =
      'c', /* number: address; then a string, its name. In a fingerprint only a text, the function's own */
  ENS_TAG_POINTER = 'C', /* the same of a pointer of LuaJIT's ffi */
  /* after a function's bytecode only */
  ENS_TAG_VARIABLE = 'u', /* number: its own among objects and variables; then its value */
  ENS_TAG_SHARED = 'r',   /* number: of a variable that came before */
  ENS_TAG_END = 'e',
  /* among globals only */
  ENS_TAG_MISSING = '!' /* text: the reason why the global could not be copied */
} ens_tag;

/* Objects may be nested this deep: below LUAI_MAXCCALLS, with room for the user's own stack. */
enum { ENS_TAG_MOST_DEPTH = 180 };

#endif
