#include "main_bundle.h"

#include "base/codec.h"
#include "os/file.h"

#define LINE_BYTES 64 /* RFC 7468, 2 */

static const char begin_mark[] = "-----BEGIN CERTIFICATE-----";
static const char end_mark[] = "-----END CERTIFICATE-----";

static void
add_pem(struct buf *out, struct str der, const char *label)
{
	struct buf letters;
	struct str rest;

	buf_init(&letters, der.len * 2 + 8);
	codec_base64_encode(&letters, der);
	rest = buf_str(&letters);
	buf_addf(out, "-----BEGIN %s-----\n", label);
	while (rest.len > 0) {
		buf_add(out, str_slice(rest, 0, LINE_BYTES));
		buf_add_byte(out, '\n');
		rest = str_slice(rest, LINE_BYTES, rest.len);
	}
	buf_addf(out, "-----END %s-----\n", label);
	buf_free(&letters);
}

/* SEQUENCE with a length of two bytes or more: no text begins so. */
static bool
is_der(struct str bytes)
{
	return bytes.len > 4 && bytes.ptr[0] == 0x30 &&
	       ((unsigned char)bytes.ptr[1] & 0x80) != 0;
}

struct str
main_bundle_pem(struct arena *arena, struct str bytes, const char *label)
{
	struct buf out;

	if (!is_der(bytes))
		return bytes;
	buf_init_arena(&out, arena, bytes.len * 2 + 256);
	add_pem(&out, bytes, label);
	return buf_str(&out);
}

/* Whole certificates only: what else is in the file is nobody's business. */
static void
add_certificates(struct buf *out, struct str bytes)
{
	size_t at = 0;

	if (is_der(bytes)) {
		add_pem(out, bytes, "CERTIFICATE");
		return;
	}
	for (;;) {
		size_t begin = str_find(bytes, str_c(begin_mark), at);
		size_t end = str_find(bytes, str_c(end_mark), begin);

		if (end >= bytes.len)
			return;
		at = end + sizeof(end_mark) - 1;
		buf_add(out, str_slice(bytes, begin, at));
		buf_add_byte(out, '\n');
	}
}

static enum err_code
add_files(const char *folder, const char *suffix, struct arena *arena,
    struct buf *out, struct err *err)
{
	struct file_list list;
	enum err_code rc = file_list(folder, str_c(suffix), arena, &list, err);

	for (size_t i = 0; rc == ERR_OK && i < list.count; i++) {
		struct str path = str_printf(
		    arena, "%s/%.*s", folder, STR_ARG(list.names[i]));
		const char *name = str_dup_c(arena, path);
		struct str bytes;

		if (name == NULL)
			return err_set(
			    err, ERR_NO_MEMORY, "out of memory", NULL);
		rc = file_read(name, MAIN_PEM_BYTES, arena, &bytes, err);
		if (rc == ERR_OK)
			add_certificates(out, bytes);
	}
	return rc;
}

static enum err_code
open_folder(const char *folder, int *out_fd, struct err *err)
{
	static const char *const suffixes[] = {".pem", ".crt", ".cer"};
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(MAIN_PEM_BYTES * 8);
	CLEANUP(buf_free) struct buf out;
	struct str all;
	enum err_code rc = ERR_OK;

	buf_init(&out, MAIN_PEM_BYTES);
	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	for (size_t i = 0;
	     rc == ERR_OK && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		rc = add_files(folder, suffixes[i], arena, &out, err);
	if (rc == ERR_OK && buf_end(&out, &all, err) != ERR_OK)
		rc = err_sayf(err, ERR_CONFIG,
		    "the certificates in %s are more than %zu MB", folder,
		    MAIN_PEM_BYTES >> 20);
	if (rc == ERR_OK && all.len == 0)
		rc = err_sayf(err, ERR_CONFIG,
		    "the folder %s holds no certificate in a file *.pem, "
		    "*.crt or *.cer",
		    folder);
	return rc == ERR_OK ? file_open_memory(all, out_fd, err) : rc;
}

enum err_code
main_bundle_open(const char *path, int *out_fd, struct err *err)
{
	*out_fd = -1;
	return file_is_folder(path) ? open_folder(path, out_fd, err)
	                            : file_open(path, out_fd, err);
}
