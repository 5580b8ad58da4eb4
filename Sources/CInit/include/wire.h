// What only one of the compilers knows. Clang, which Swift imports these headers with, has enums of
// a fixed type (closed ones become real Swift enums) and nullability; gcc, which builds the
// sanitizer and fuzz harness, gets plain C. No structure holds such an enum, so layouts agree.

#ifndef APUS_WIRE_H
#define APUS_WIRE_H

#ifdef __clang__
#define WIRE_ENUM(name, type) enum __attribute__((enum_extensibility(closed))) name : type
#else
#define WIRE_ENUM(name, type) enum name
#define _Nonnull
#define _Nullable
#endif

#endif
