#ifndef HTTP_HTTP_RANGE_H
#define HTTP_HTTP_RANGE_H
/* Ranges of a body (RFC 9110, 14): what is sent of it. */
#include "http/request.h"
#include "http/response.h"

enum http_range_kind {
	HTTP_RANGE_WHOLE, /* 200: none was asked for, or several, or nonsense */
	HTTP_RANGE_PART,  /* 206 */
	HTTP_RANGE_NONE,  /* 416: all of it lies behind the end */
};
struct http_range {
	enum http_range_kind kind;
	uint64_t first, bytes; /* of what is sent; NONE: nothing */
};

/*
 * Of a body of `total` bytes whose strong ETag is `tag` (with its quotes);
 * `range` and `if_range` as in the headers, ptr NULL: not there.
 */
struct http_range http_range_parse(
    struct str range, struct str if_range, struct str tag, uint64_t total);
/* The same of a request; only GET has ranges. */
struct http_range http_range_of(
    const struct request *req, struct str tag, uint64_t total);
/* Puts status, Accept-Ranges, Content-Range and ETag into the answer. */
void http_range_answer(struct response *res, const struct http_range *range,
    struct str tag, uint64_t total);
/* Does the browser have just this already (If-None-Match)? */
bool http_range_is_known(const struct request *req, struct str tag);

#endif
