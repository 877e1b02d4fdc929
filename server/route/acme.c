#include "route/acme.h"

#include "base/log.h"
#include "os/file.h"
#include "page/app.h"

enum {
	TOKEN_BYTES_MOST = 200,
	ANSWER_BYTES_MOST = 4096
};

/* token: only what base64url has (RFC 8555, 8.3), so never a path. */
static bool
is_token(struct str token)
{
	for (size_t i = 0; i < token.len; i++) {
		char c = token.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '_')
			return false;
	}
	return token.len > 0 && token.len <= TOKEN_BYTES_MOST;
}

static enum err_code
read_answer(
    struct request *req, struct str token, struct str *out, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	const struct str parts[] = {
	    req->cfg->acme_webroot, STR(ACME_PATH), token};
	char *path = str_dup_c(req->arena, str_join(req->arena, parts, 3));
	enum err_code rc;

	if (path == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "acme");
	rc = file_open_plain(path, &fd, err);
	if (rc != ERR_OK)
		return rc;
	return file_read_fd(fd, ANSWER_BYTES_MOST, req->arena, out, err);
}

enum err_code
acme_page(struct request *req, struct response *res, struct err *err)
{
	struct str token =
	    str_slice(req->path, sizeof(ACME_PATH) - 1, req->path.len);
	struct err why = ERR_NONE;
	struct str answer = {0};

	(void)err;
	if (req->cfg->acme_webroot.len == 0 || !is_token(token) ||
	    read_answer(req, token, &answer, &why) != ERR_OK) {
		if (why.code != ERR_OK && why.code != ERR_NOT_FOUND)
			log_event(LOG_WARN, "acme.unreadable",
			    LOG_C("reason", why.message),
			    LOG_C("detail", why.detail));
		response_plain(res, 404, STR("There is no such answer."));
		return ERR_OK;
	}
	response_status(res, 200);
	response_replace_header(
	    res, "Content-Type", STR("text/plain; charset=utf-8"));
	response_body(res, answer);
	return ERR_OK;
}
