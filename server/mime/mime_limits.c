#include "base/limits.h"
#include "mime/mime.h"

const struct mime_limits mime_limits_default = {
    .parse_bytes = (size_t)32 << 20,
    .header_bytes = (size_t)1 << 20,
    .depth = LIMIT_MIME_DEPTH,
    .parts = LIMIT_MIME_PARTS,
    .text_bytes = LIMIT_TEXT_SHOWN,
    .html_bytes = LIMIT_HTML_SHOWN,
    .time_ms = 2000,
};
