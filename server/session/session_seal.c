#include "base/buf.h"
#include "base/codec.h"
#include "session/session_key.h"

/* Of a name: 22 letters of base64url. */
#define NAME_BYTES 16

static struct session_key_use
use_of(const struct request *req, const char *purpose, bool with_session,
    struct str bound)
{
	struct session_key_use use = {
	    .purpose = purpose, .bound = {STR("for others"), bound}};

	if (with_session) {
		ensure(req->session != NULL);
		use.secret = secret_str(&req->session->cookie_secret);
	}
	return use;
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
session_seal(struct sessions *sessions, const struct request *req,
    const char *purpose, bool with_session, struct str bound, struct str plain,
    struct str *out, struct err *err)
{
	struct session_key_use use = use_of(req, purpose, with_session, bound);

	return session_key_seal(sessions, &use, plain, req->arena, out, err);
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
session_unseal(struct sessions *sessions, const struct request *req,
    const char *purpose, bool with_session, struct str bound, struct str sealed,
    struct str *out, struct err *err)
{
	CLEANUP(secret_end) struct secret plain = {.ptr = NULL};
	struct session_key_use use = use_of(req, purpose, with_session, bound);
	enum err_code rc =
	    session_key_unseal(sessions, &use, sealed, &plain, err);

	*out = STR("");
	if (rc != ERR_OK)
		return rc;
	*out = str_dup(req->arena, secret_str(&plain));
	if (out->ptr == NULL && plain.len > 0)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	return ERR_OK;
}

static struct session_key_use
work_of(const char *purpose, struct str bound)
{
	return (struct session_key_use){
	    .purpose = purpose, .bound = {STR("for work"), bound}};
}

enum err_code
/* NOLINTNEXTLINE(readability-function-size): a contract of the header */
session_seal_work(struct sessions *sessions, const char *purpose,
    struct str bound, const struct secret *plain, struct arena *arena,
    struct str *out, struct err *err)
{
	struct session_key_use use = work_of(purpose, bound);

	return session_key_seal(
	    sessions, &use, secret_str(plain), arena, out, err);
}

enum err_code
session_unseal_work(struct sessions *sessions, const char *purpose,
    struct str bound, struct str sealed, struct secret *out, struct err *err)
{
	struct session_key_use use = work_of(purpose, bound);

	return session_key_unseal(sessions, &use, sealed, out, err);
}

struct str
session_name_work(struct sessions *sessions, const char *purpose,
    struct str bound, struct arena *arena)
{
	unsigned char tag[SESSION_HASH_BYTES];
	struct str hash = session_key_hash(sessions, arena, bound);
	struct buf name;

	if (hash.ptr == NULL || session_key_derive(sessions, STR(""), purpose,
	                            hash, tag, NULL) != ERR_OK)
		return str_of(NULL, 0);
	buf_init_arena(&name, arena, 2 * NAME_BYTES);
	codec_base64url_encode(&name, str_of((const char *)tag, NAME_BYTES));
	secret_wipe(tag, sizeof(tag));
	return name.failed == ERR_OK ? buf_str(&name) : str_of(NULL, 0);
}
