#ifndef PAGE_PAGE_IDENTITY_H
#define PAGE_PAGE_IDENTITY_H
/*
 * Who a person writes as: the login itself, whose name and signature are
 * settings, and further identities with addresses of their own.
 *
 * How a form and a composition name one ("chosen"): "own" is the login, else
 * its id, and either with "+tag" for an address with that tag ("anna+shop@").
 * Empty: the default.
 */
#include "mime/mime_reply.h"
#include "page/page.h"
#include "store/store_identity.h"

#define IDENTITY_OWN "own"

struct page_identity {
	struct str id; /* "own", or of the store */
	struct text name, address;
	struct text reply_to, bcc; /* address lists, or empty */
	struct text organization;
	struct text signature;
	struct str signature_html; /* clean HTML, or empty */
	bool is_own, is_default;
	bool is_verified; /* the mail server took the address; "own" always */
};
/* The login's own first. At least one; in the request's arena. */
enum err_code page_identity_list(struct request *req,
    struct page_identity **out, size_t *out_count, struct err *err) WARN_UNUSED;
/*
 * The one that is chosen, tag included; the default when there is none such
 * (any more).
 */
enum err_code page_identity_get(struct request *req, struct str chosen,
    struct page_identity *out, struct err *err) WARN_UNUSED;
/*
 * Which one a message was written to: by what its delivery noted, else To,
 * then Cc; an address with a tag chooses that tag. Empty: none of them.
 * Reads header->raw.
 */
enum err_code page_identity_for(struct request *req,
    const struct mime_header *header, struct str *out,
    struct err *err) WARN_UNUSED;
/* The same address, but for a tag that only `address` has: *out_tag. */
bool page_identity_matches(
    struct str own, struct str address, struct str *out_tag);
/*
 * Is it one of the person's own addresses, with or without a tag? `list` as of
 * page_identity_list.
 */
bool page_identity_is_own(
    const struct page_identity *list, size_t count, struct str address);

/*
 * From, Reply-To and Organization of a message, and whom it goes to in blind
 * copy besides. `draft` has its recipients already.
 */
enum err_code page_identity_dress(struct request *req, struct str chosen,
    struct mime_draft *draft, struct err *err) WARN_UNUSED;
/*
 * List "identities" {value, label, selected}, "has_identities": several,
 * "identity_was", "from_name", "from_address".
 */
enum err_code page_identity_view(struct request *req, struct str chosen,
    struct view *view, struct err *err) WARN_UNUSED;
/*
 * A text whose signature was that of `before` with that of `after`; as it was
 * when the signature was changed by hand.
 */
struct text page_identity_sign(struct arena *arena, struct text body,
    const struct page_identity *before, const struct page_identity *after);

/*
 * What may be typed, or come from a file: `one` becomes what is kept of it, its
 * HTML cleaned. ERR_INPUT in words, *out_field the field of the form
 * ("error_address"), or NULL. `domain` as page_domain().
 */
enum err_code page_identity_check(struct arena *arena, struct str domain,
    struct page_identity *one, const char **out_field,
    struct err *err) WARN_UNUSED;

/* ---- texts that are used again ------------------------------------------ */
/* List "responses" {id, name}, and "has_responses". */
enum err_code page_response_view(
    struct request *req, struct view *view, struct err *err) WARN_UNUSED;
/* The one of that id; `out` is left alone when there is none. */
enum err_code page_response_find(struct request *req, struct str id,
    struct store_response *out, struct err *err) WARN_UNUSED;

/* ---- settings of the login's own identity --------------------------------
 */
enum err_code page_identity_own_set(struct request *req,
    const struct page_identity *identity, struct err *err) WARN_UNUSED;
/* `id` "own" or of the store. */
enum err_code page_identity_default_set(
    struct request *req, struct str id, struct err *err) WARN_UNUSED;

#endif
