#ifndef PAGE_STATE_H
#define PAGE_STATE_H
/* A state of our own templates, static files and mail servers. */
#include "page_test.h"

#include "page/pages.h"

static inline struct app_state *
make_state(struct fixture *f)
{
	const struct mail_server_files files = {0};
	struct app_state *state = calloc(1, sizeof(*state));
	struct err err = ERR_NONE;

	assert_non_null(state);
	state->sites = calloc(1, sizeof(*state->sites));
	assert_non_null(state->sites);
	state->site_count = 1;
	atomic_init(&state->refs, 1);
	state->cfg = config_ref(f->cfg);
	state->arena = arena_new(LIMIT_ARENA_BYTES);
	state->sites[0].site = &f->site;
	assert_int_equal(
	    tmpl_set_new("templates", NULL, &state->sites[0].templates, &err),
	    ERR_OK);
	assert_int_equal(
	    static_set_new("static", NULL, &state->sites[0].statics, &err),
	    ERR_OK);
	assert_int_equal(mail_server_new(f->cfg, &f->site, &files,
	                     &state->sites[0].mail, &err),
	    ERR_OK);
	return state;
}

static inline bool
says(struct str body, const char *words)
{
	return str_find(body, str_c(words), 0) < body.len;
}

/* Like assert_true(says(…)), showing the page when it does not. */
static inline void
assert_page(struct str body, const char *words, bool expected)
{
	if (says(body, words) != expected)
		fail_msg("%s \"%s\":\n%.*s", expected ? "no" : "there is",
		    words, STR_ARG(body));
}

/* A form that was posted to `target`. */
static inline struct request *
fixture_post(struct fixture *f, const char *target, const char *form)
{
	unsigned status = 0;

	if (f->req != NULL)
		request_end_alone(f->req);
	f->req = request_new_alone(f->arena, STR("POST"), str_c(target),
	    STR("Host: mail.example.org\n"
	        "Content-Type: application/x-www-form-urlencoded"),
	    str_c(form), &status);
	assert_non_null(f->req);
	assert_int_equal(status, 0);
	f->req->app = &f->app;
	f->req->cfg = f->cfg;
	f->req->site = &f->site;
	return f->req;
}

#endif
