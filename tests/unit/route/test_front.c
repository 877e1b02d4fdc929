/* The front door and the headers, without a network and without a worker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

#include "base/limits.h"
#include "os/file.h"
#include "route/front.h"
#include "route/guard.h"
#include "route/headers.h"
#include "route/route.h"

struct world {
	struct app app;
	struct app_site site;
	struct arena *arena;
	char folder[64];
};

static char css_path[100];
static char robots_path[100];

static void
start(struct world *world, const char *ini)
{
	struct app_state *state = calloc(1, sizeof(*state));
	struct config *cfg;
	const struct config *parsed = NULL;
	struct config_notes notes;
	struct err err = ERR_NONE;

	*world = (struct world){.arena = arena_new(LIMIT_ARENA_BYTES)};
	memcpy(world->folder, "/tmp/iwm-front-XXXXXX", 22);
	assert_non_null(mkdtemp(world->folder));
	(void)snprintf(css_path, sizeof(css_path), "%s/app.css", world->folder);
	(void)snprintf(
	    robots_path, sizeof(robots_path), "%s/robots.txt", world->folder);
	assert_int_equal(
	    file_write_new(css_path, STR("p {}"), 0600, &err), ERR_OK);
	assert_int_equal(
	    file_write_new(robots_path, STR("Disallow: /ours"), 0600, &err),
	    ERR_OK);
	if (config_parse(STR("/etc/iwebmsg.ini"), str_c(ini), world->arena,
	        &notes, &parsed, &err) != ERR_OK)
		fail_msg("%s", err.message);
	cfg = (struct config *)(uintptr_t)parsed;
	state->cfg = cfg;
	atomic_init(&state->refs, 1);
	state->sites = calloc(1, sizeof(*state->sites));
	state->site_count = 1;
	state->sites[0].site = &cfg->site;
	assert_int_equal(
	    static_set_new(world->folder, NULL, &state->sites[0].statics, &err),
	    ERR_OK);
	assert_int_equal(socket_ranges_parse(world->arena, cfg->trusted_proxies,
	                     &state->proxies, &err),
	    ERR_OK);
	lock_init(&world->app.lock);
	world->app.state = state;
}

static void
stop(struct world *world)
{
	struct app_state *state = world->app.state;

	/* Every request gave its pin back. */
	assert_int_equal(atomic_load(&state->refs), 1);
	app_state_unref(state);
	lock_end(&world->app.lock);
	(void)unlink(css_path);
	(void)unlink(robots_path);
	(void)rmdir(world->folder);
	arena_free(world->arena);
}

struct asked {
	struct arena *arena;
	struct request *req;
	struct response *res;
	enum http_verdict verdict;
};

struct question {
	const char *method, *target, *headers;
	bool is_secure;
	enum net_door door;
	bool is_remote;
	size_t body_bytes;
	bool is_from_proxy, is_introduced;
	const struct net_tls_peer *tls;
};

static struct asked
ask(struct world *world, const struct question *question)
{
	struct asked asked = {.arena = arena_new(LIMIT_ARENA_BYTES)};
	struct http_handler handler = front_handler(&world->app);
	struct str headers =
	    str_printf(asked.arena, "Host: mail.example.org:8383\n%s",
	        question->headers ? question->headers : "");
	char *body = calloc(1, question->body_bytes + 1);
	unsigned status = 0;

	asked.req = request_new_alone(asked.arena, str_c(question->method),
	    str_c(question->target), headers,
	    str_of(body, question->body_bytes), &status);
	assert_int_equal(status, 0);
	asked.req->is_secure = question->is_secure;
	asked.req->door = question->door;
	asked.req->peer.is_loopback = !question->is_remote;
	if (!question->is_remote)
		assert_true(
		    socket_peer_parse(STR("127.0.0.1"), &asked.req->peer));
	asked.req->is_from_proxy = question->is_from_proxy;
	asked.req->is_introduced = question->is_introduced;
	asked.req->is_forwarded = question->is_introduced;
	asked.req->tls = question->tls;
	asked.res = http_response(asked.req);
	asked.verdict = handler.head(handler.ctx, asked.req, asked.res);
	free(body);
	return asked;
}

static void
end(struct world *world, struct asked *asked)
{
	struct http_handler handler = front_handler(&world->app);

	handler.done(handler.ctx, asked->req);
	request_end_alone(asked->req);
	arena_free(asked->arena);
}

static void
expect(struct world *world, const struct question *question, unsigned status,
    const char *name, const char *part)
{
	struct asked asked = ask(world, question);

	if (status == 0) {
		if (asked.verdict != HTTP_GO_ON)
			fail_msg("%s %s: %u", question->method,
			    question->target, response_get_status(asked.res));
	} else {
		struct str value = name ? response_get_header(asked.res, name)
		                        : response_get_body(asked.res);

		assert_int_equal(asked.verdict, HTTP_ANSWERED);
		if (response_get_status(asked.res) != status)
			fail_msg("%s %s: %u", question->method,
			    question->target, response_get_status(asked.res));
		if (str_find(value, str_c(part), 0) == value.len)
			fail_msg("%s %s: %.*s", question->method,
			    question->target, STR_ARG(value));
		assert_true(
		    response_has_header(asked.res, "Content-Security-Policy"));
	}
	end(world, &asked);
}

static const char both[] = "[SSL]\nEnableSSL=1\nCertificate=c\nPrivateKey=k\n";
static const char forced[] = "[SSL]\nEnableSSL=1\nForceSSL=1\nCertificate=c\n"
                             "PrivateKey=k\n";

static void
test_plain_only(void **state)
{
	struct world world;
	const struct question page = {.method = "GET", .target = "/list"};
	const struct question none = {.method = "GET", .target = "/none"};
	const struct question css = {
	    .method = "GET", .target = "/static/app.css"};
	const struct question robots = {
	    .method = "HEAD", .target = "/robots.txt"};
	const struct question icon = {
	    .method = "GET", .target = "/favicon.ico"};
	const struct question posted = {
	    .method = "POST", .target = "/static/app.css"};
	const struct question nowhere = {.method = "POST", .target = "/none"};
	const struct question wrong = {.method = "POST", .target = "/message"};

	(void)state;
	start(&world, "");
	expect(&world, &page, 0, NULL, NULL);
	expect(&world, &none, 0, NULL, NULL);
	expect(&world, &css, 200, "Content-Type", "text/css");
	expect(&world, &robots, 200, NULL, "Disallow: /ours");
	expect(&world, &icon, 404, NULL, "no such file");
	expect(&world, &posted, 405, "Allow", "GET, HEAD");
	expect(&world, &nowhere, 404, NULL, "no such page");
	expect(&world, &wrong, 405, "Allow", "GET, HEAD");
	stop(&world);
}

static void
test_root_files_without_a_file(void **state)
{
	struct world world;
	struct err err = ERR_NONE;
	const struct question robots = {
	    .method = "GET", .target = "/robots.txt"};
	const struct question icon = {
	    .method = "GET", .target = "/favicon.ico"};
	struct app_site *site;

	(void)state;
	start(&world, "");
	site = &world.app.state->sites[0];
	static_set_unref(site->statics);
	site->statics = NULL;
	(void)unlink(robots_path);
	(void)snprintf(
	    robots_path, sizeof(robots_path), "%s/favicon.svg", world.folder);
	assert_int_equal(
	    file_write_new(robots_path, STR("<svg/>"), 0600, &err), ERR_OK);
	assert_int_equal(
	    static_set_new(world.folder, NULL, &site->statics, &err), ERR_OK);
	expect(&world, &robots, 200, NULL, "User-agent: *\nDisallow: /\n");
	expect(&world, &icon, 200, "Content-Type", "image/svg+xml");
	stop(&world);
}

static void
test_force_ssl(void **state)
{
	struct world world;
	const struct question page = {
	    .method = "GET", .target = "/list?folder=a%20b"};
	const struct question head = {.method = "HEAD", .target = "/"};
	const struct question login = {
	    .method = "POST", .target = "/login", .body_bytes = 10};
	const struct question inside = {
	    .method = "GET", .target = "/list", .is_secure = true};
	const struct question health = {.method = "GET", .target = "/healthz"};
	const struct question remote = {
	    .method = "GET", .target = "/healthz", .is_remote = true};
	struct asked asked;

	(void)state;
	start(&world, forced);
	expect(&world, &page, 308, "Location", "/list?folder=a%20b");
	expect(&world, &page, 308, "Location", "https://mail.example.org");
	expect(&world, &page, 308, "Cache-Control", "no-store");
	expect(&world, &head, 308, "Location", "https://");
	expect(&world, &login, 403, NULL, "was not read");
	expect(&world, &inside, 0, NULL, NULL);
	expect(&world, &health, 0, NULL, NULL);
	expect(&world, &remote, 308, "Location", "/healthz");
	asked = ask(&world, &page);
	assert_false(
	    response_has_header(asked.res, "Strict-Transport-Security"));
	end(&world, &asked);
	stop(&world);
}

/* Plain http on the secure port. */
static void
test_wrong_door(void **state)
{
	struct world world;
	const struct question page = {
	    .method = "GET", .target = "/list", .door = NET_DOOR_SECURE};
	const struct question form = {
	    .method = "POST", .target = "/login", .door = NET_DOOR_SECURE};
	const struct question plain = {.method = "GET", .target = "/list"};

	(void)state;
	start(&world, both);
	expect(&world, &page, 308, "Location", "https://");
	expect(&world, &form, 400, NULL, "https only");
	expect(&world, &plain, 0, NULL, NULL);
	stop(&world);
}

static void
test_bodies(void **state)
{
	struct world world;
	const struct question small = {
	    .method = "POST", .target = "/login", .body_bytes = 1000};
	const struct question foreign = {.method = "POST",
	    .target = "/login",
	    .headers = "Sec-Fetch-Site: cross-site",
	    .body_bytes = 10};
	const struct question large = {.method = "POST",
	    .target = "/compose",
	    .body_bytes = FRONT_OPEN_BODY_BYTES + 1};
	const struct question large_with_cookie = {.method = "POST",
	    .target = "/compose",
	    .headers = "Cookie: iwm=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    .body_bytes = FRONT_FORM_BODY_BYTES + 1};
	struct question act = large_with_cookie;

	(void)state;
	act.target = "/act";
	start(&world, "");
	expect(&world, &small, 0, NULL, NULL);
	expect(&world, &foreign, 403, NULL, "another site");
	expect(&world, &large, 413, NULL, "larger than");
	expect(&world, &large_with_cookie, 0, NULL, NULL);
	expect(&world, &act, 413, NULL, "larger than");
	stop(&world);
}

static void
test_headers(void **state)
{
	struct world world;
	const struct question page = {
	    .method = "GET", .target = "/list", .is_secure = true};
	static const struct {
		const char *name, *part;
	} rows[] = {
	    {"Content-Security-Policy",
	        "default-src 'none'; script-src 'self'"},
	    {"Content-Security-Policy",
	        "form-action 'self' https://mail.example.org"},
	    {"Content-Security-Policy", " http://mail.example.org"},
	    {"Content-Security-Policy", "frame-ancestors 'none'"},
	    {"X-Content-Type-Options", "nosniff"},
	    {"Referrer-Policy", "same-origin"},
	    {"Cross-Origin-Opener-Policy", "same-origin"},
	    {"Cross-Origin-Resource-Policy", "same-origin"},
	    {"Cache-Control", "no-store"},
	    {"Strict-Transport-Security", "max-age=0"},
	};
	struct asked asked;
	struct session session = {.expire_views = true};

	(void)state;
	start(&world, both);
	asked = ask(&world, &page);
	headers_finish(asked.req, asked.res);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str value = response_get_header(asked.res, rows[i].name);

		if (str_find(value, str_c(rows[i].part), 0) == value.len)
			fail_msg("%s: %.*s", rows[i].name, STR_ARG(value));
	}
	/* What a page set itself stays. */
	response_replace_header(
	    asked.res, "Content-Security-Policy", STR("sandbox"));
	headers_finish(asked.req, asked.res);
	assert_true(
	    str_eq(response_get_header(asked.res, "Content-Security-Policy"),
	        STR("sandbox")));
	/* But for caching under "expire page views". */
	response_replace_header(
	    asked.res, "Cache-Control", STR("private, max-age=3600"));
	asked.req->session = &session;
	headers_finish(asked.req, asked.res);
	asked.req->session = NULL;
	assert_true(str_eq(response_get_header(asked.res, "Cache-Control"),
	    STR("no-store, no-cache, must-revalidate, max-age=0")));
	assert_true(
	    str_eq(response_get_header(asked.res, "Pragma"), STR("no-cache")));
	assert_true(
	    str_eq(response_get_header(asked.res, "Expires"), STR("0")));
	end(&world, &asked);
	stop(&world);
}

static void
test_local_only(void **state)
{
	static const struct {
		const char *headers;
		bool is_remote, is_fine;
	} rows[] = {{NULL, false, true}, {NULL, true, false},
	    {"X-Forwarded-For: 192.0.2.1", false, false},
	    {"Forwarded: for=192.0.2.1", false, false},
	    {"Via: 1.1 proxy", false, false}};
	struct world world;

	(void)state;
	start(&world, "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct question question = {.method = "GET",
		    .target = "/metrics",
		    .headers = rows[i].headers,
		    .is_remote = rows[i].is_remote};
		struct asked asked = ask(&world, &question);
		struct err err = ERR_NONE;

		assert_int_equal(guard_check(&world.app, asked.req, &err),
		    rows[i].is_fine ? ERR_OK : ERR_NOT_FOUND);
		end(&world, &asked);
	}
	stop(&world);
}

/* Who asks, and how, is a trusted proxy's word and nobody else's. */
static void
test_forwarded(void **state)
{
	static const struct {
		const char *headers;
		bool is_from_proxy, is_introduced;
		const char *peer;
		bool is_secure, is_forwarded, is_local;
	} rows[] = {
	    {NULL, true, false, "127.0.0.1", false, false, true},
	    {"X-Forwarded-For: 192.0.2.1\nX-Forwarded-Proto: https", false,
	        false, "127.0.0.1", false, false, false},
	    {"X-Forwarded-For: 192.0.2.1\nX-Forwarded-Proto: https", true,
	        false, "192.0.2.1", true, true, false},
	    {"X-Forwarded-For: 192.0.2.1\nX-Forwarded-Proto: https", true, true,
	        "127.0.0.1", false, true, false},
	    {"X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.0.0.1, 127.0.0.1", true,
	        false, "192.0.2.1", false, true, false},
	    /* A proxy that adds a line of its own behind the browser's. */
	    {"X-Forwarded-For: 6.6.6.6\nX-Forwarded-For: 192.0.2.1", true,
	        false, "192.0.2.1", false, true, false},
	    {"X-Forwarded-For: 192.0.2.1, unknown, 10.0.0.1", true, false,
	        "10.0.0.1", false, true, false},
	    {"X-Forwarded-For: 127.0.0.1, unknown", true, false, "127.0.0.1",
	        false, true, false},
	    {"X-Forwarded-For:", true, false, "127.0.0.1", false, true, false},
	    {"X-Forwarded-For: 192.0.2.1:4711", true, false, "192.0.2.1", false,
	        true, false},
	    {"X-Forwarded-For: [2001:DB8::1]:4711", true, false, "2001:db8::1",
	        false, true, false},
	    {"X-Forwarded-For: 2001:db8::1", true, false, "2001:db8::1", false,
	        true, false},
	    {"X-Forwarded-For: 127.0.0.1", true, false, "127.0.0.1", false,
	        true, true},
	    {"X-Forwarded-For: 10.0.0.7, 10.0.0.1", true, false, "10.0.0.7",
	        false, true, false},
	    {"X-Forwarded-Proto: https", true, false, "127.0.0.1", true, true,
	        false},
	    {"X-Forwarded-Proto: http, HTTPS", true, false, "127.0.0.1", true,
	        true, false},
	    {"X-Forwarded-Proto: https, http", true, false, "127.0.0.1", false,
	        true, false},
	    {"X-Forwarded-Proto: gopher", true, false, "127.0.0.1", false,
	        false, true},
	    {"X-Real-IP: 192.0.2.1\nForwarded: for=192.0.2.1;proto=https", true,
	        false, "127.0.0.1", false, false, false},
	};
	struct world world;

	(void)state;
	start(&world, "[Server]\nTrustedProxies=127.0.0.0/8 10.0.0.0/8\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct question question = {.method = "GET",
		    .target = "/list",
		    .headers = rows[i].headers,
		    .is_from_proxy = rows[i].is_from_proxy,
		    .is_introduced = rows[i].is_introduced};
		struct asked asked = ask(&world, &question);

		if (strcmp(asked.req->peer.address, rows[i].peer) != 0 ||
		    asked.req->is_secure != rows[i].is_secure ||
		    asked.req->is_forwarded != rows[i].is_forwarded ||
		    guard_is_local(asked.req) != rows[i].is_local)
			fail_msg("row %zu: %s %d %d %d", i,
			    asked.req->peer.address, asked.req->is_secure,
			    asked.req->is_forwarded, guard_is_local(asked.req));
		end(&world, &asked);
	}
	stop(&world);
}

/* A proxy that ends TLS: its word opens the secure door and closes it. */
static void
test_forwarded_mode(void **state)
{
	const struct question https = {.method = "GET",
	    .target = "/list",
	    .headers = "X-Forwarded-Proto: https",
	    .is_from_proxy = true};
	const struct question http = {.method = "GET",
	    .target = "/list",
	    .headers = "X-Forwarded-Proto: http",
	    .is_secure = true,
	    .door = NET_DOOR_SECURE,
	    .is_from_proxy = true};
	const struct question liar = {.method = "GET",
	    .target = "/list",
	    .headers = "X-Forwarded-Proto: https"};
	const struct question wrong = {.method = "POST",
	    .target = "/none",
	    .headers = "X-Forwarded-Proto: https",
	    .is_from_proxy = true};
	struct world world;

	(void)state;
	start(&world, forced);
	expect(&world, &https, 0, NULL, NULL);
	expect(&world, &http, 308, "Location", "https://");
	expect(&world, &liar, 308, "Location", "https://");
	/* The browser sees the proxy's certificate, whatever ours is. */
	expect(&world, &wrong, 404, "Strict-Transport-Security",
	    "max-age=15552000");
	stop(&world);
	start(&world, both);
	expect(&world, &http, 0, NULL, NULL);
	stop(&world);
}

/* Headers by which servers hand on a client's certificate change nothing. */
static void
test_certificate_headers(void **state)
{
	const struct question page = {.method = "GET",
	    .target = "/list",
	    .headers = "X-SSL-Client-Verify: SUCCESS\n"
	               "X-SSL-Client-S-DN: CN=anna\n"
	               "X-Client-Cert: MIIB\nSSL_CLIENT_VERIFY: SUCCESS\n"
	               "SSL_CLIENT_S_DN_CN: anna\n"
	               "Ssl-Client-Verify: SUCCESS\n"
	               "X-Forwarded-Client-Cert: Hash=1\n"
	               "X-Forwarded-Ssl: on\nFront-End-Https: on\n"
	               "Remote-User: anna\nX-Remote-User: anna",
	    .is_from_proxy = true};
	struct world world;
	struct asked asked;

	(void)state;
	start(&world, "[Server]\nTrustedProxies=127.0.0.1\n");
	asked = ask(&world, &page);
	assert_int_equal(asked.verdict, HTTP_GO_ON);
	assert_null(asked.req->tls);
	assert_false(asked.req->is_secure);
	assert_false(asked.req->is_forwarded);
	end(&world, &asked);
	stop(&world);
}

static void
test_misdirected(void **state)
{
	const struct net_tls_peer other = {
	    .protocol = "TLSv1.3", .host = "other.example.org"};
	const struct net_tls_peer all = {.protocol = "TLSv1.3", .host = ""};
	struct question page = {.method = "GET",
	    .target = "/list",
	    .is_secure = true,
	    .door = NET_DOOR_SECURE,
	    .tls = &other};
	struct world world;

	(void)state;
	start(&world, both);
	expect(&world, &page, 421, NULL, "another host name");
	page.target = "/static/app.css";
	expect(&world, &page, 421, NULL, "another host name");
	page.target = "/healthz";
	expect(&world, &page, 421, NULL, "another host name");
	page.tls = &all;
	expect(&world, &page, 0, NULL, NULL);
	/* Which name a proxy's TLS is for is the proxy's affair. */
	page.tls = &other;
	page.is_from_proxy = true;
	page.headers = "X-Forwarded-Proto: https";
	expect(&world, &page, 0, NULL, NULL);
	stop(&world);
}

static void
test_proxy_certificate(void **state)
{
	static const char ini[] = "[Server]\nTrustedProxies=127.0.0.1\n"
	                          "ProxyTrustStore=ca\n[SSL]\nEnableSSL=1\n"
	                          "Certificate=c\nPrivateKey=k\n";
	static const char *const targets[] = {
	    "/list", "/healthz", "/static/app.css", "/none"};
	const struct net_tls_peer stranger = {
	    .protocol = "TLSv1.3", .host = ""};
	const struct net_tls_peer proxy = {
	    .protocol = "TLSv1.3", .host = "", .is_proxy = true};
	struct question page = {.method = "GET", .is_from_proxy = true};
	struct world world;

	(void)state;
	start(&world, ini);
	for (size_t i = 0; i < 4; i++) {
		page.target = targets[i];
		page.tls = NULL;
		expect(&world, &page, 403, NULL, "must show its certificate");
		page.is_secure = true;
		page.tls = &stranger;
		expect(&world, &page, 403, NULL, "must show its certificate");
	}
	page.tls = &proxy;
	page.target = "/healthz";
	expect(&world, &page, 0, NULL, NULL);
	page.is_from_proxy = false;
	page.tls = NULL;
	expect(&world, &page, 0, NULL, NULL);
	stop(&world);
}

static void
test_base_path(void **state)
{
	static const struct {
		const char *method, *target;
		unsigned status;
		const char *name, *part;
		const char *path, *raw_target;
	} rows[] = {
	    {"GET", "/mail/list?folder=a", 0, NULL, NULL, "/list",
	        "/list?folder=a"},
	    {"GET", "/mail/", 0, NULL, NULL, "/", "/"},
	    {"GET", "/mail/static/app.css", 200, "Content-Type", "text/css",
	        NULL, NULL},
	    {"GET", "/mail", 308, "Location", "/mail/", NULL, NULL},
	    {"GET", "/mail?a=1", 308, "Location", "/mail/", NULL, NULL},
	    {"POST", "/mail", 404, NULL, "below /mail/", NULL, NULL},
	    {"GET", "/", 404, NULL, "below /mail/", NULL, NULL},
	    {"GET", "/list", 404, NULL, "below /mail/", NULL, NULL},
	    {"GET", "/static/app.css", 404, NULL, "below /mail/", NULL, NULL},
	    {"GET", "/mailbox/list", 404, NULL, "below /mail/", NULL, NULL},
	    {"GET", "/%6dail/list", 404, NULL, "below /mail/", NULL, NULL},
	    {"GET", "/healthz", 0, NULL, NULL, "/healthz", "/healthz"},
	    {"GET", "/mail/healthz", 0, NULL, NULL, "/healthz", "/healthz"},
	    {"GET", "/metrics", 0, NULL, NULL, "/metrics", "/metrics"},
	    {"GET", "/.well-known/acme-challenge/x", 0, NULL, NULL,
	        "/.well-known/acme-challenge/x",
	        "/.well-known/acme-challenge/x"},
	    {"GET", "/mail/.well-known/acme-challenge/x", 0, NULL, NULL,
	        "/.well-known/acme-challenge/x",
	        "/.well-known/acme-challenge/x"},
	};
	struct world world;

	(void)state;
	start(&world, "[Server]\nBasePath=/mail\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct question question = {
		    .method = rows[i].method, .target = rows[i].target};
		struct asked asked;

		expect(&world, &question, rows[i].status, rows[i].name,
		    rows[i].part);
		if (rows[i].status != 0)
			continue;
		asked = ask(&world, &question);
		assert_true(str_eq(asked.req->path, str_c(rows[i].path)));
		assert_true(
		    str_eq(asked.req->raw_target, str_c(rows[i].raw_target)));
		end(&world, &asked);
	}
	stop(&world);
}

/* An authority asks in clear, of any name. */
static void
test_acme_door(void **state)
{
	struct question token = {.method = "GET",
	    .target = "/.well-known/acme-challenge/abc",
	    .is_remote = true};
	struct world world;

	(void)state;
	start(&world, forced);
	expect(&world, &token, 0, NULL, NULL);
	token.is_secure = true;
	expect(&world, &token, 0, NULL, NULL);
	token.is_secure = false;
	token.method = "POST";
	expect(&world, &token, 405, "Allow", "GET, HEAD");
	token.method = "GET";
	token.door = NET_DOOR_SECURE;
	expect(&world, &token, 308, "Location", "https://");
	stop(&world);
}

/* What is refused before a page is looked for has the same headers. */
static void
test_last_touch(void **state)
{
	const struct question page = {.method = "GET",
	    .target = "/none",
	    .is_secure = true,
	    .is_from_proxy = true,
	    .headers = "X-Forwarded-Proto: https"};
	struct http_handler handler;
	struct world world;
	struct asked asked;

	(void)state;
	start(&world, forced);
	asked = ask(&world, &page);
	handler = front_handler(&world.app);
	handler.done(handler.ctx, asked.req);
	asked.req->host = (struct str){0};
	response_plain(asked.res, 400, STR("broken"));
	handler.refuse(handler.ctx, asked.req, asked.res);
	assert_true(
	    response_has_header(asked.res, "Strict-Transport-Security"));
	assert_true(response_has_header(asked.res, "Content-Security-Policy"));
	assert_null(asked.req->pinned);
	end(&world, &asked);
	stop(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain_only),
	    cmocka_unit_test(test_root_files_without_a_file),
	    cmocka_unit_test(test_force_ssl),
	    cmocka_unit_test(test_wrong_door),
	    cmocka_unit_test(test_bodies),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_local_only),
	    cmocka_unit_test(test_forwarded),
	    cmocka_unit_test(test_forwarded_mode),
	    cmocka_unit_test(test_certificate_headers),
	    cmocka_unit_test(test_misdirected),
	    cmocka_unit_test(test_proxy_certificate),
	    cmocka_unit_test(test_base_path),
	    cmocka_unit_test(test_acme_door),
	    cmocka_unit_test(test_last_touch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
