#include "base/buf.h"
#include "base/limits.h"
#include "view/view.h"

/* The one value that is set at start and read by all: see view.h. */
static char *view_url_base_copy; /* owned; NULL: none */
static size_t view_url_base_bytes;

void
view_url_set_base(struct str base)
{
	free(view_url_base_copy);
	view_url_base_copy = NULL;
	view_url_base_bytes = base.len;
	if (base.len == 0)
		return;
	view_url_base_copy = malloc(base.len);
	ensure(view_url_base_copy != NULL);
	memcpy(view_url_base_copy, base.ptr, base.len);
}

struct str
view_url_base(void)
{
	return str_of(view_url_base_copy, view_url_base_bytes);
}

struct view_url
view_url_with_base(struct arena *arena, struct view_url url)
{
	struct str parts[2] = {view_url_base(), url.s};

	if (url.s.len == 0 || url.s.ptr[0] != '/')
		return url;
	return (struct view_url){str_join(arena, parts, 2)};
}

static struct view_url
view_url_nowhere(void)
{
	return (struct view_url){STR("#")};
}

static struct view_url
view_url_end(struct buf *buf)
{
	struct str s;

	if (buf_end(buf, &s, NULL) != ERR_OK)
		return (struct view_url){str_of(NULL, 0)};
	return (struct view_url){s};
}

struct view_url
view_url_local(
    struct arena *arena, const char *path, const struct view_url_param *params)
{
	struct buf url;
	char before = '?';

	ensure(path[0] == '/' && path[1] != '/' && path[1] != '\\');
	buf_init_arena(&url, arena, LIMIT_FIELD_BYTES);
	buf_add_c(&url, path);
	for (; params != NULL && params->name != NULL; params++) {
		if (params->value.ptr == NULL)
			continue;
		buf_add_byte(&url, before);
		buf_add_percent(&url, str_c(params->name));
		buf_add_byte(&url, '=');
		buf_add_percent(&url, params->value);
		before = '&';
	}
	return view_url_end(&url);
}

/*
 * What a URL may hold as it is (RFC 3986: reserved, unreserved and '%').
 * All else is percent-encoded, so that browsers, which forgive much, have
 * nothing to forgive. '\' is encoded because they read it as '/'.
 */
static bool
view_url_keeps(char c)
{
	static const char kept[] = "!#$%&'()*+,-./:;=?@[]_~";

	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c != '\0' && strchr(kept, c) != NULL);
}

static struct view_url
view_url_encode(struct arena *arena, struct str s)
{
	struct buf url;
	size_t from = 0;

	buf_init_arena(&url, arena, LIMIT_FIELD_BYTES);
	for (size_t i = 0; i < s.len; i++) {
		if (view_url_keeps(s.ptr[i]))
			continue;
		buf_add(&url, str_slice(s, from, i));
		buf_add_percent(&url, str_slice(s, i, i + 1));
		from = i + 1;
	}
	buf_add(&url, str_slice(s, from, s.len));
	return view_url_end(&url);
}

static bool
view_url_has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c < 0x20 || c == 0x7F)
			return true;
	}
	return false;
}

struct view_url
view_url_own(struct arena *arena, struct str path)
{
	if (path.len == 0 || path.ptr[0] != '/' || view_url_has_control(path))
		return view_url_nowhere();
	if (path.len > 1 && (path.ptr[1] == '/' || path.ptr[1] == '\\'))
		return view_url_nowhere();
	return view_url_encode(arena, path);
}

struct view_url
view_url_foreign(struct arena *arena, struct str url)
{
	url = str_trim(url);
	if (view_url_has_control(url))
		return view_url_nowhere();
	if (!str_starts_nocase(url, STR("http://")) &&
	    !str_starts_nocase(url, STR("https://")) &&
	    !str_starts_nocase(url, STR("mailto:")))
		return view_url_nowhere();
	return view_url_encode(arena, url);
}
