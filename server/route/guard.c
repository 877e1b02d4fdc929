#include "route/guard.h"

#include "route/forward.h"

bool
guard_is_local(const struct request *req)
{
	if (!req->peer.is_loopback)
		return false;
	/* Its proxy is one of ours and named a browser on this machine. */
	if (forward_is_by_header(req))
		return true;
	return !request_header(req, "X-Forwarded-For").ptr &&
	       !request_header(req, "Forwarded").ptr &&
	       !request_header(req, "Via").ptr;
}

enum err_code
guard_check(struct app *app, struct request *req, struct err *err)
{
	unsigned guards = req->route->guards;

	if ((guards & GUARD_LOOPBACK) != 0 && !guard_is_local(req))
		return err_set(err, ERR_NOT_FOUND, "There is no such page.",
		    "not from this machine");
	if ((guards & GUARD_SESSION) != 0 && !req->session)
		return err_set(err, ERR_LOGIN, "Please log in.", "no session");
	if ((guards & GUARD_CSRF) != 0)
		return session_csrf_check(app->sessions, req, err);
	return ERR_OK;
}
