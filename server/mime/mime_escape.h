#ifndef MIME_ESCAPE_H
#define MIME_ESCAPE_H
/*
 * Within mime/: texts of seven bits that change their alphabet by escapes, as
 * the eight-bit texts that iconv has converters for. In the arena.
 */
#include "base/arena.h"
#include "base/str.h"

/*
 * ISO-2022-JP as EUC-JP, which has the letters of NEC and IBM that Windows
 * writes under this label and iconv's ISO-2022-JP refuses. A line begins in
 * ASCII.
 */
struct str mime_escape_jis(struct arena *arena, struct str bytes);
/* HZ as GB 2312. */
struct str mime_escape_hz(struct arena *arena, struct str bytes);

#endif
