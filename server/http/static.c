#include "http/static.h"

#include <stdatomic.h>

#include "base/limits.h"
#include "base/tr.h"
#include "http/http_inner.h"
#include "http/static_logo.h"
#include "os/file.h"

#define VERSION_LETTERS 8u
#define SET_BYTES       ((size_t)64 << 20)

struct static_file {
	struct str name;
	struct str type;
	struct str body;
	struct str packed; /* gzip; ptr NULL: not worth it */
	struct str version;
	struct str tag;        /* ETag of body */
	struct str packed_tag; /* of packed */
	struct str address;
	bool is_logo;
};

struct static_set {
	atomic_uint refs;
	struct arena *arena;
	struct static_file *files;
	size_t count;
	size_t capacity;
	struct static_logo logo;
};

static const struct {
	const char *suffix;
	const char *type;
	bool packs;
} types[] = {
    {".css", "text/css; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".svg", "image/svg+xml", true},
    {".png", "image/png", false},
    {".ico", "image/x-icon", true},
    {".woff2", "font/woff2", false},
    {".txt", "text/plain; charset=utf-8", true},
    {".webmanifest", "application/manifest+json", true},
};

static struct static_file *
find_file(const struct static_set *set, struct str name)
{
	for (size_t i = 0; i < set->count; i++) {
		if (str_eq(set->files[i].name, name))
			return &set->files[i];
	}
	return NULL;
}

static size_t
dot_of(struct str name)
{
	size_t at = name.len;

	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '.')
			at = i;
	}
	return at;
}

/* FNV-1a; names a content, guards nothing. */
static uint64_t
fnv1a(struct str s, uint64_t hash)
{
	for (size_t i = 0; i < s.len; i++) {
		hash ^= (unsigned char)s.ptr[i];
		hash *= UINT64_C(0x100000001b3);
	}
	return hash;
}

static bool
set_version(struct static_file *file, struct arena *arena)
{
	uint64_t one = fnv1a(file->body, UINT64_C(0xcbf29ce484222325));
	uint64_t two = fnv1a(file->body, one ^ file->body.len);
	struct str letters = str_printf(arena, "%016llx%016llx",
	    (unsigned long long)one, (unsigned long long)two);
	size_t dot = dot_of(file->name);

	if (!letters.ptr)
		return false;
	file->version = str_slice(letters, 0, VERSION_LETTERS);
	file->tag = str_printf(arena, "\"%s\"", letters.ptr);
	file->packed_tag = str_printf(arena, "\"%s-gz\"", letters.ptr);
	file->address = str_printf(arena, "/static/%.*s.%.*s%.*s", (int)dot,
	    file->name.ptr, STR_ARG(file->version), (int)(file->name.len - dot),
	    file->name.ptr + dot);
	return file->tag.ptr && file->packed_tag.ptr && file->address.ptr;
}

/* Files of a type we do not know are not served. */
static bool
set_type(struct static_file *file, struct arena *arena)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!str_ends(file->name, str_c(types[i].suffix)))
			continue;
		file->type = str_c(types[i].type);
		if (types[i].packs)
			(void)http_gzip_file(arena, file->body, &file->packed);
		return true;
	}
	return false;
}

/* One whose name and body are known; takes the place of its namesake. */
static enum err_code
keep_file(struct static_set *set, struct static_file file, struct err *err)
{
	struct static_file *place;

	if (!set_type(&file, set->arena))
		return ERR_OK;
	if (!set_version(&file, set->arena))
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	place = find_file(set, file.name);
	if (!place) {
		struct static_file *files = arena_grow(set->arena, set->files,
		    set->count, &set->capacity, sizeof(*files));

		if (!files)
			return err_set(
			    err, ERR_NO_MEMORY, "Out of memory.", NULL);
		set->files = files;
		place = &files[set->count++];
	}
	*place = file;
	return ERR_OK;
}

static enum err_code
add_file(struct static_set *set, const char *folder, struct str name,
    struct err *err)
{
	struct static_file file = {.name = str_dup(set->arena, name)};
	struct str path =
	    str_printf(set->arena, "%s/%.*s", folder, STR_ARG(name));
	enum err_code rc;

	if (!path.ptr || !file.name.ptr)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	rc = file_read(
	    path.ptr, LIMIT_STATIC_BYTES, set->arena, &file.body, err);
	return rc == ERR_OK ? keep_file(set, file, err) : rc;
}

static enum err_code
add_folder(struct static_set *set, const char *folder, struct err *err)
{
	struct file_list list = {0};
	enum err_code rc = file_list(folder, STR(""), set->arena, &list, err);

	for (size_t i = 0; rc == ERR_OK && i < list.count; i++) {
		if (list.names[i].ptr[0] != '.')
			rc = add_file(set, folder, list.names[i], err);
	}
	return rc;
}

static enum err_code
add_override(struct static_set *set, const char *folder, struct err *err)
{
	struct str path = str_printf(set->arena, "%s/static", folder);

	if (!path.ptr)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	return file_exists(path.ptr) ? add_folder(set, path.ptr, err) : ERR_OK;
}

enum err_code
static_set_new(const char *folder, const char *override_folder,
    struct static_set **out, struct err *err)
{
	struct static_set *set = calloc(1, sizeof(*set));
	enum err_code rc;

	*out = NULL;
	if (!set)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	atomic_init(&set->refs, 1);
	set->arena = arena_new(SET_BYTES);
	if (!set->arena) {
		free(set);
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	}
	rc = add_folder(set, folder, err);
	if (rc == ERR_OK && override_folder)
		rc = add_override(set, override_folder, err);
	if (rc == ERR_OK)
		*out = set;
	else
		static_set_unref(set);
	return rc;
}

enum err_code
static_set_add_css(struct static_set *set, struct str css, struct err *err)
{
	const struct static_file *before = find_file(set, STR("app.css"));
	struct str parts[2] = {STR(""), css};

	if (before != NULL)
		parts[0] = before->body;
	return keep_file(set,
	    (struct static_file){
	        .name = STR("app.css"), .body = str_join(set->arena, parts, 2)},
	    err);
}

enum err_code
static_set_add_logo(struct static_set *set, const char *path, struct err *err)
{
	struct static_file file = {0};
	enum err_code rc =
	    file_read(path, LIMIT_LOGO_BYTES, set->arena, &file.body, err);

	if (rc != ERR_OK)
		return rc;
	file.is_logo = true;
	if (static_logo_is_png(file.body))
		file.name = STR("the-logo.png");
	else if (static_logo_is_svg(file.body))
		file.name = STR("the-logo.svg");
	else
		return err_sayf(err, ERR_CONFIG,
		    "Logo=%s is neither a PNG nor an SVG file", path);
	rc = keep_file(set, file, err);
	if (rc != ERR_OK)
		return rc;
	set->logo.address = static_set_address(set, file.name);
	set->logo.width = static_logo_width(file.body);
	return ERR_OK;
}

struct static_logo
static_set_logo(const struct static_set *set)
{
	return set->logo;
}

struct static_set *
static_set_ref(struct static_set *set)
{
	atomic_fetch_add(&set->refs, 1);
	return set;
}

void
static_set_unref(struct static_set *set)
{
	if (!set || atomic_fetch_sub(&set->refs, 1) != 1)
		return;
	arena_free(set->arena);
	free(set);
}

struct str
static_set_address(const struct static_set *set, struct str name)
{
	const struct static_file *file = find_file(set, name);

	return file ? file->address : STR("/static/unknown");
}

/* "app.3f2a9c01.css" is "app.css" of that version. */
static const struct static_file *
find_versioned(
    const struct static_set *set, struct str name, bool *out_is_version)
{
	*out_is_version = false;
	for (size_t i = 0; i < set->count; i++) {
		const struct static_file *file = &set->files[i];
		size_t dot = dot_of(file->name);
		struct str stem = str_slice(file->name, 0, dot);
		struct str suffix = str_slice(file->name, dot, file->name.len);
		struct str version =
		    str_slice(name, dot + 1, dot + 1 + VERSION_LETTERS);

		if (name.len != file->name.len + 1 + VERSION_LETTERS ||
		    !str_starts(name, stem) || !str_ends(name, suffix) ||
		    name.ptr[dot] != '.')
			continue;
		*out_is_version = str_eq(version, file->version);
		return file;
	}
	return NULL;
}

/* If-None-Match = "*" / #entity-tag, compared weakly (RFC 9110, 13.1.2). */
static bool
is_known(const struct request *req, struct str tag)
{
	struct str rest = request_header(req, "If-None-Match");

	while (rest.ptr && rest.len > 0) {
		struct str one = str_trim(str_cut(&rest, ','));

		if (str_starts(one, STR("W/")))
			one = str_slice(one, 2, one.len);
		if (str_eq(one, tag) || str_eq(one, STR("*")))
			return true;
	}
	return false;
}

static void
release_set(void *owner)
{
	static_set_unref(owner);
}

void
static_set_answer(struct static_set *set, const struct request *req,
    struct response *res, bool gzip)
{
	struct str name =
	    str_slice(req->path, sizeof("/static/") - 1, req->path.len);
	const struct static_file *file = find_file(set, name);
	bool is_version = false;
	bool packed;

	if (!file)
		file = find_versioned(set, name, &is_version);
	if (!file || !str_starts(req->path, STR("/static/"))) {
		response_plain(res, 404, STR(N_("There is no such file.")));
		return;
	}
	packed = gzip && file->packed.ptr && request_accepts_gzip(req);
	response_header(res, "Content-Type", file->type);
	/* By its own address, too, it is a picture: nothing in it acts. */
	if (file->is_logo)
		response_header(res, "Content-Security-Policy",
		    STR("default-src 'none'; style-src 'unsafe-inline'; "
		        "sandbox"));
	response_header(res, "ETag", packed ? file->packed_tag : file->tag);
	response_header(res, "Cache-Control",
	    is_version ? STR("public, max-age=31536000, immutable")
	               : STR("public, max-age=3600"));
	if (gzip && file->packed.ptr)
		response_header(res, "Vary", STR("Accept-Encoding"));
	if (is_known(req, packed ? file->packed_tag : file->tag)) {
		response_status(res, 304);
		return;
	}
	if (packed)
		response_header(res, "Content-Encoding", STR("gzip"));
	response_body_shared(res, packed ? file->packed : file->body,
	    release_set, static_set_ref(set));
}
