/*
 * Origins (RFC 6454): "scheme://host[:port]" of our two doors, and whether a
 * request comes from a page of ours.
 */
#include "session/session_own.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/tr.h"

#define HTTP_PORT  80
#define HTTPS_PORT 443

/* Without the port: "name" of "name:8383", "[::1]" of "[::1]:8383". */
static struct str
host_name(struct str host)
{
	size_t end = host.len > 0 && host.ptr[0] == '['
	                 ? str_find_byte(host, ']', 0) + 1
	                 : str_find_byte(host, ':', 0);

	return str_slice(host, 0, end);
}

/* The origin of an address like "https://mail.example.org/". */
static struct str
origin_of_url(struct arena *arena, struct str url)
{
	size_t scheme = str_find(url, STR("://"), 0);
	size_t end =
	    scheme < url.len ? str_find_byte(url, '/', scheme + 3) : url.len;

	return str_lower(arena, str_slice(url, 0, end));
}

static struct str
public_url(const struct request *req, bool secure)
{
	if (req->site == NULL)
		return STR("");
	return secure ? req->site->public_secure_url
	              : req->site->public_plain_url;
}

/* The number behind the name; 0 without one. */
static uint32_t
port_of(struct str host)
{
	uint32_t port = 0;

	err_ignore(num_u32(str_slice(host, host_name(host).len + 1, host.len),
	    1, UINT16_MAX, &port, NULL));
	return port;
}

/*
 * The port at which browsers find the other door. The Host header tells what
 * they see of this one: when that is 80 or 443 and we listen elsewhere, the
 * ports are redirected (80 to 8383, 443 to 8384) or a proxy stands before
 * us, and the other door is taken to be at its usual port, too.
 */
static uint16_t
other_port(const struct request *req, bool secure)
{
	uint16_t ours = secure ? req->cfg->secure_port : req->cfg->plain_port;
	uint32_t usual_here = req->is_secure ? HTTPS_PORT : HTTP_PORT;
	uint32_t seen = port_of(req->host);
	bool is_usual = seen == 0 || seen == usual_here;
	bool is_elsewhere =
	    req->is_forwarded ||
	    (req->local_port != 0 && req->local_port != usual_here);

	if (ours == 0 || !is_usual || !is_elsewhere)
		return ours;
	return secure ? HTTPS_PORT : HTTP_PORT;
}

/* This door is where the browser found it, whatever lies between. */
static bool
is_here(const struct request *req, bool secure)
{
	return secure == req->is_secure ||
	       /* http at the secure port: https is at the same one. */
	       (secure && req->door == NET_DOOR_SECURE && !req->is_forwarded);
}

struct str
session_origin(const struct request *req, bool secure)
{
	struct str url = public_url(req, secure);
	struct buf out;

	if (url.len > 0)
		return origin_of_url(req->arena, url);
	if (req->cfg == NULL || (secure && !req->cfg->enable_ssl))
		return STR("");
	uint16_t port = other_port(req, secure);
	if (port == 0)
		return STR("");
	buf_init_arena(&out, req->arena, LIMIT_NAME_BYTES);
	buf_add_c(&out, secure ? "https://" : "http://");
	buf_add(&out, is_here(req, secure) ? req->host : host_name(req->host));
	if (!is_here(req, secure) && port != (secure ? HTTPS_PORT : HTTP_PORT))
		buf_addf(&out, ":%u", port);
	return buf_str(&out);
}

struct str
session_address(const struct request *req, bool secure, struct str path)
{
	struct str parts[3] = {session_origin(req, secure), STR(""), path};

	if (parts[0].len == 0)
		return STR("");
	if (req->cfg != NULL)
		parts[1] = req->cfg->base_path;
	return str_join(req->arena, parts, 3);
}

/* The address as the browser typed it: behind port maps it is not ours. */
static bool
is_this_host(const struct request *req, struct str origin)
{
	struct str scheme = req->is_secure ? STR("https://") : STR("http://");

	return req->host.len > 0 && str_starts_nocase(origin, scheme) &&
	       str_eq_nocase(
	           str_slice(origin, scheme.len, origin.len), req->host);
}

static bool
is_door(const struct request *req, struct str origin, bool secure)
{
	struct str ours = session_origin(req, secure);

	return ours.len > 0 && str_eq_nocase(origin, ours);
}

bool
session_own_is_other_door(const struct request *req)
{
	return is_door(req, request_header(req, "Origin"), !req->is_secure);
}

bool
session_origin_is_ours(const struct request *req)
{
	struct str origin = request_header(req, "Origin");
	struct str site = request_header(req, "Sec-Fetch-Site");
	bool is_near = site.ptr == NULL || str_eq(site, STR("same-origin")) ||
	               str_eq(site, STR("none"));

	if (origin.ptr == NULL)
		return is_near;
	/* From the other mode: to browsers http and https are two sites. */
	if (session_own_is_other_door(req))
		return true;
	return is_near && (is_this_host(req, origin) ||
	                      is_door(req, origin, req->is_secure));
}

const char *
session_origin_problem(const struct request *req)
{
	if (session_origin_is_ours(req))
		return NULL;
	if (str_eq(request_header(req, "Origin"), STR("null")))
		return N_("Your browser hid which page sent this "
		          "(\"Origin: null\"), so it was not done. A privacy "
		          "setting or an add-on may do that; please allow this "
		          "address to see its own.");
	return N_("This was sent by a page of another address, so it was not "
	          "done.");
}
