#include "http/http_range.h"

#include "base/num.h"

/*
 * Range = "bytes=" range-set; range-set = 1#(int-range / suffix-range)
 * int-range = first-pos "-" [ last-pos ]; suffix-range = "-" suffix-length
 * (RFC 9110, 14.1.2)
 */
static bool
parse_one(struct str range, uint64_t total, uint64_t *out_first,
    uint64_t *out_last, bool *out_is_suffix)
{
	struct str last = range;
	struct str first = str_cut(&last, '-');
	bool has_last = last.len > 0;

	*out_first = 0;
	*out_last = UINT64_MAX;
	*out_is_suffix = first.len == 0;
	if (str_find_byte(range, '-', 0) == range.len ||
	    (first.len == 0 && !has_last))
		return false;
	if (first.len > 0 &&
	    num_u64(first, 0, INT64_MAX, out_first, NULL) != ERR_OK)
		return false;
	if (has_last && num_u64(last, 0, INT64_MAX, out_last, NULL) != ERR_OK)
		return false;
	if (*out_is_suffix) {
		*out_first = *out_last < total ? total - *out_last : 0;
		return true;
	}
	return *out_last >= *out_first;
}

struct http_range
http_range_parse(
    struct str range, struct str if_range, struct str tag, uint64_t total)
{
	struct http_range whole = {HTTP_RANGE_WHOLE, 0, total};
	struct str unit = STR("bytes=");
	uint64_t first;
	uint64_t last;
	bool is_suffix;

	/* A date cannot be strong enough here (RFC 9110, 13.1.5). */
	if (if_range.ptr != NULL && !str_eq(str_trim(if_range), tag))
		return whole;
	range = str_trim(range);
	if (!str_starts_nocase(range, unit))
		return whole;
	range = str_trim(str_slice(range, unit.len, range.len));
	if (!parse_one(range, total, &first, &last, &is_suffix))
		return whole;
	if (first >= total || (is_suffix && last == 0))
		return (struct http_range){HTTP_RANGE_NONE, 0, 0};
	if (is_suffix || last >= total)
		last = total - 1;
	return (struct http_range){HTTP_RANGE_PART, first, last - first + 1};
}

static void
add_content_range(
    struct response *res, const struct http_range *range, uint64_t total)
{
	char words[80];

	if (range->kind == HTTP_RANGE_NONE)
		(void)snprintf(words, sizeof(words), "bytes */%llu",
		    (unsigned long long)total);
	else
		(void)snprintf(words, sizeof(words), "bytes %llu-%llu/%llu",
		    (unsigned long long)range->first,
		    (unsigned long long)(range->first + range->bytes - 1),
		    (unsigned long long)total);
	response_replace_header(res, "Content-Range", str_c(words));
}

struct http_range
http_range_of(const struct request *req, struct str tag, uint64_t total)
{
	if (req->method != METHOD_GET)
		return (struct http_range){HTTP_RANGE_WHOLE, 0, total};
	return http_range_parse(request_header(req, "Range"),
	    request_header(req, "If-Range"), tag, total);
}

void
http_range_answer(struct response *res, const struct http_range *range,
    struct str tag, uint64_t total)
{
	static const unsigned statuses[] = {200, 206, 416};

	response_status(res, statuses[range->kind]);
	response_replace_header(res, "Accept-Ranges", STR("bytes"));
	response_replace_header(res, "ETag", tag);
	if (range->kind != HTTP_RANGE_WHOLE)
		add_content_range(res, range, total);
}

bool
http_range_is_known(const struct request *req, struct str tag)
{
	struct str known = request_header_all(req, "If-None-Match");

	while (known.len > 0) {
		struct str one = str_trim(str_cut(&known, ','));

		if (str_starts(one, STR("W/")))
			one = str_slice(one, 2, one.len);
		if (str_eq(one, tag) || str_eq(one, STR("*")))
			return true;
	}
	return false;
}
