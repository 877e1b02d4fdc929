#include "page/page_carry.h"

#include "base/codec.h"
#include "base/num.h"
#include "os/clock.h"
#include "page/page_compose.h"
#include "page/page_login.h"

#define CARRY_PURPOSE "carried letter"
/* As letters it must fit into FRONT_OPEN_BODY_BYTES. */
#define CARRY_BYTES   ((size_t)500 << 10)
#define CARRY_LETTERS ((size_t)1 << 20)
#define CARRY_FIELDS  1000u
/* What is sealed at once: the locked memory it is opened in is small. */
#define CARRY_PIECE  ((size_t)64 << 10)
#define CARRY_SEALED (CARRY_PIECE + SESSION_SEAL_EXTRA)

/* Piece i of the letter with this name: none can be of another letter. */
static struct str
carry_bound(struct request *req, struct str name, size_t i, bool is_last)
{
	return str_printf(
	    req->arena, "%.*s %zu%s", STR_ARG(name), i, is_last ? " last" : "");
}

/* "TIME ACCOUNT LF", then for each field "LENGTH NAME LF", its bytes. */
static enum err_code
carry_write(const struct form *form, struct str account, struct buf *out,
    struct str *out_plain, struct err *err)
{
	buf_addf(
	    out, "%lld %.*s\n", (long long)clock_now_s(), STR_ARG(account));
	for (size_t i = 0; i < form->count; i++) {
		const struct form_field *field = &form->fields[i];

		if (field->is_file || page_carry_skips(field->name) ||
		    str_find_byte(field->name, '\n', 0) < field->name.len)
			continue;
		buf_addf(
		    out, "%zu %.*s\n", field->value.len, STR_ARG(field->name));
		buf_add(out, field->value);
	}
	if (page_carry_has_files(form))
		buf_add_c(out, "1 " PAGE_CARRY_FILES "\n1");
	return buf_end(out, out_plain, err);
}

enum err_code
page_carry_seal(struct request *req, const struct form *form,
    struct str account, struct str *out, struct err *err)
{
	struct str name = compose_id_new(req->arena);
	struct buf plain, sealed, letters;
	struct str bytes;
	enum err_code rc;

	*out = STR("");
	buf_init_arena(&plain, req->arena, CARRY_BYTES);
	buf_init_arena(&sealed, req->arena, CARRY_LETTERS);
	buf_init_arena(&letters, req->arena, CARRY_LETTERS);
	rc = carry_write(form, account, &plain, &bytes, err);
	for (size_t i = 0; rc == ERR_OK && i <= bytes.len / CARRY_PIECE; i++) {
		struct str piece = STR("");

		rc = session_seal(req->app->sessions, req, CARRY_PURPOSE, false,
		    carry_bound(req, name, i, i == bytes.len / CARRY_PIECE),
		    str_slice(bytes, i * CARRY_PIECE, (i + 1) * CARRY_PIECE),
		    &piece, err);
		buf_add(&sealed, piece);
	}
	if (rc != ERR_OK)
		return rc;
	buf_add(&letters, name);
	codec_base64url_encode(&letters, buf_str(&sealed));
	return sealed.failed == ERR_OK ? buf_end(&letters, out, err)
	                               : sealed.failed;
}

/* ---- opening ---- */
static enum err_code
carry_unseal(
    struct request *req, struct str letters, struct str *out, struct err *err)
{
	struct str name = str_slice(letters, 0, COMPOSE_ID_LETTERS);
	struct buf sealed, plain;
	struct str bytes;
	size_t last;
	enum err_code rc;

	buf_init_arena(&sealed, req->arena, CARRY_LETTERS);
	buf_init_arena(&plain, req->arena, CARRY_LETTERS);
	rc = codec_base64url_decode(
	    &sealed, str_slice(letters, COMPOSE_ID_LETTERS, letters.len), err);
	if (rc != ERR_OK || sealed.failed != ERR_OK)
		return err_set(err, ERR_FORBIDDEN, "This form is not ours.",
		    "carry: letters");
	bytes = buf_str(&sealed);
	last = bytes.len / CARRY_SEALED;
	for (size_t i = 0; rc == ERR_OK && i <= last; i++) {
		struct str piece = STR("");

		rc = session_unseal(req->app->sessions, req, CARRY_PURPOSE,
		    false, carry_bound(req, name, i, i == last),
		    str_slice(bytes, i * CARRY_SEALED, (i + 1) * CARRY_SEALED),
		    &piece, err);
		buf_add(&plain, piece);
	}
	return rc == ERR_OK ? buf_end(&plain, out, err) : rc;
}

static enum err_code
carry_damaged(struct err *err)
{
	return err_set(
	    err, ERR_INTERNAL, "This draft cannot be read.", "carry: fields");
}

/* It is what carry_write wrote: anything else is a fault of ours. */
static enum err_code
carry_read_fields(
    struct request *req, struct str rest, struct form *out, struct err *err)
{
	while (rest.len > 0 && out->count < CARRY_FIELDS) {
		struct str name = str_cut(&rest, '\n');
		uint64_t bytes = 0;

		if (num_u64(str_cut(&name, ' '), 0, rest.len, &bytes, err) !=
		    ERR_OK)
			return carry_damaged(err);
		out->fields[out->count++] = (struct form_field){
		    .name = str_printf(
		        req->arena, PAGE_CARRY_PREFIX "%.*s", STR_ARG(name)),
		    .value = str_slice(rest, 0, (size_t)bytes)};
		rest = str_slice(rest, (size_t)bytes, rest.len);
	}
	return rest.len == 0 ? ERR_OK : carry_damaged(err);
}

enum err_code
page_carry_open(struct request *req, struct str sealed, struct page_carry *out,
    struct err *err)
{
	struct form *form = ARENA_NEW(req->arena, struct form);
	struct str rest = STR("");
	struct str head;
	uint64_t sealed_s = 0;
	enum err_code rc = carry_unseal(req, sealed, &rest, err);

	*out = (struct page_carry){.account = STR("")};
	if (rc != ERR_OK)
		return rc;
	if (form != NULL)
		form->fields =
		    ARENA_ARRAY(req->arena, CARRY_FIELDS, struct form_field);
	if (form == NULL || form->fields == NULL)
		return err_set(err, ERR_NO_MEMORY,
		    "The server is out of memory.", "page_carry_open");
	form->spool_fd = -1;
	head = str_cut(&rest, '\n');
	if (num_u64(str_cut(&head, ' '), 0, INT64_MAX, &sealed_s, err) !=
	    ERR_OK)
		return carry_damaged(err);
	rc = carry_read_fields(req, rest, form, err);
	if (rc == ERR_OK && arena_failed(req->arena))
		rc = err_set(err, ERR_NO_MEMORY, "The server is out of memory.",
		    "page_carry_open");
	if (rc != ERR_OK)
		return rc;
	out->account = head;
	out->sealed_s = (int64_t)sealed_s;
	out->form = form;
	return ERR_OK;
}
