#ifndef BASE_CODEC_H
#define BASE_CODEC_H
/* Encodings of bytes as letters: base64 (RFC 4648, 4 and 5), hex, percent. */
#include "base/buf.h"

void codec_base64_encode(struct buf *out, struct str in);
/* URL alphabet, no padding. */
void codec_base64url_encode(struct buf *out, struct str in);
void codec_hex_encode(struct buf *out, struct str in);
/* Strict: whole input, no white space; ERR_INPUT otherwise. */
enum err_code codec_base64_decode(
    struct buf *out, struct str in, struct err *err) WARN_UNUSED;
enum err_code codec_base64url_decode(
    struct buf *out, struct str in, struct err *err) WARN_UNUSED;
enum err_code codec_hex_decode(
    struct buf *out, struct str in, struct err *err) WARN_UNUSED;
/*
 * RFC 3986 percent-decoding. `plus_is_space` for forms and queries. A '%'
 * without two hex digits stays as it is, as browsers do.
 */
void codec_percent_decode(struct buf *out, struct str in, bool plus_is_space);

#endif
