#include "route/door.h"

#include "base/tr.h"
#include "page/page_language.h"
#include "route/acme.h"
#include "route/forward.h"
#include "route/guard.h"
#include "route/route.h"

static void
refuse(struct response *res, unsigned status, const char *words)
{
	response_plain(res, status, str_c(words));
	response_close(res);
}

/* ---- the handshake ---- */

static enum net_tls_verify
verify_of(const struct request *req)
{
	const struct app_state *state = app_state_of(req);

	return state->tls ? net_tls_verify_of(state->tls, req->host)
	                  : NET_TLS_VERIFY_NONE;
}

/*
 * A proxy chooses its SNI itself; it matters only where the handshake decides
 * who may come in.
 */
static bool
is_misdirected(const struct request *req)
{
	if (!req->tls || str_eq(str_c(req->tls->host), req->site->host))
		return false;
	return !forward_is_by_header(req) ||
	       verify_of(req) != NET_TLS_VERIFY_NONE;
}

bool
door_is_closed(struct request *req, struct response *res)
{
	if (req->is_from_proxy && req->cfg->proxy_trust_store.len > 0 &&
	    !(req->tls && req->tls->is_proxy)) {
		refuse(res, 403,
		    N_("This proxy must show its certificate: ProxyTrustStore "
		       "is set, and this connection came without one that is "
		       "trusted. Nothing was done."));
		return true;
	}
	if (is_misdirected(req)) {
		/* RFC 9110, 15.5.20 */
		response_plain(res, 421,
		    STR(N_("This connection was made for another host name. "
		           "Please open the address again.")));
		return true;
	}
	return false;
}

/*
 * `required` is refused in the handshake already; here it stands for requests
 * that came around it, by a proxy.
 */
enum door_certificate
door_certificate_of(const struct request *req)
{
	enum net_tls_verify verify = verify_of(req);

	if (!req->is_secure || (verify != NET_TLS_VERIFY_REQUIRED &&
	                           verify != NET_TLS_VERIFY_EXPLAIN))
		return DOOR_CERTIFICATE_FINE;
	if (req->tls && (req->tls->verdict == NET_TLS_CERT_GOOD ||
	                    (req->is_from_proxy && req->tls->is_proxy)))
		return DOOR_CERTIFICATE_FINE;
	return !req->tls || forward_is_by_header(req)
	           ? DOOR_CERTIFICATE_PROXY
	           : DOOR_CERTIFICATE_WANTING;
}

/* ---- below BasePath ---- */

/* What follows the base: "" for the base itself; ptr NULL: not below it. */
static struct str
below(struct str base, struct str path)
{
	struct str rest = str_slice(path, base.len, path.len);

	if (!str_starts(path, base) ||
	    (rest.len > 0 && rest.ptr[0] != '/' && rest.ptr[0] != '?'))
		return (struct str){0};
	return rest.len > 0 ? rest : STR("");
}

bool
door_is_outside(struct request *req, struct response *res)
{
	struct str base = req->cfg->base_path;
	struct str path = below(base, req->path);
	struct str target = below(base, req->raw_target);
	struct str parts[2] = {base, STR("/")};

	if (base.len == 0 || route_is_at_root(req->path))
		return false;
	if (path.ptr && target.ptr && path.len > 0 && target.ptr[0] == '/') {
		req->path = path;
		req->raw_target = target;
		return false;
	}
	if (path.ptr && path.len == 0 && req->method != METHOD_POST) {
		response_plain(res, 308, STR(N_("The pages are below this.")));
		response_header(
		    res, "Location", str_join(req->arena, parts, 2));
		return true;
	}
	page_language_begin(req);
	response_plain(res, 404,
	    str_printf(req->arena,
	        tr("There is nothing here. The pages are below %.*s/."),
	        STR_ARG(base)));
	page_language_end();
	return true;
}

/* ---- plain HTTP ---- */

/* 308 to the same address in secure mode; never cached: ForceSSL may end. */
static void
go_secure(struct request *req, struct response *res)
{
	struct str address = session_address(req, true, req->raw_target);

	response_plain(
	    res, 308, STR(N_("This page is served in secure mode.")));
	if (address.ptr)
		response_header(res, "Location", address);
}

/*
 * Served in clear on the plain port, ForceSSL or not. How to trust this
 * server must be read before it is trusted; the page needs its style sheet.
 */
static bool
is_for_clear(const struct request *req)
{
	unsigned flags = req->route ? req->route->flags : 0;

	if ((flags & ROUTE_BOTH_DOORS) != 0 ||
	    ((flags & ROUTE_ANY_DOOR) != 0 && guard_is_local(req)))
		return true;
	if (req->route || req->method == METHOD_POST)
		return str_starts(req->path, STR(ACME_PATH)); /* for its 405 */
	return app_state_of(req)->trust_page_der.len > 0 &&
	       str_starts(req->path, STR("/static/"));
}

bool
door_is_wrong(struct request *req, struct response *res)
{
	if (req->is_secure)
		return false;
	if (req->door != NET_DOOR_SECURE &&
	    (!req->cfg->force_ssl || is_for_clear(req)))
		return false;
	if (req->method != METHOD_POST)
		go_secure(req, res);
	else if (req->door == NET_DOOR_SECURE)
		refuse(res, 400,
		    N_("This port speaks https only. The form was not read. "
		       "Please open the page again with https."));
	else
		refuse(res, 403,
		    N_("This server is used in secure mode only. The form was "
		       "not read, but it travelled unencrypted: change the "
		       "password if it held one. Please open the page again "
		       "with https."));
	return true;
}
