#include "os/clock.h"
#include "page/page.h"

#define GOES_ON_LOOK_MS ((int64_t)1000)

enum err_code
page_goes_on(struct request *req, int64_t *looked_ms, struct err *err)
{
	int64_t now_ms = clock_mono_ms();
	enum session_found found = SESSION_ACTIVE;

	if (req->session == NULL || now_ms - *looked_ms < GOES_ON_LOOK_MS)
		return ERR_OK;
	*looked_ms = now_ms;
	/*
	 * In doubt it goes on. One that was not used for long is no reason:
	 * somebody waits for the end of a large file.
	 */
	if (session_is_going_on(req->app->sessions, req->cfg,
	        req->session->selector, &found, NULL) != ERR_OK ||
	    found != SESSION_NONE)
		return ERR_OK;
	return err_set(err, ERR_CANCELED, "You are logged off.",
	    "its session ended while it was sent");
}
