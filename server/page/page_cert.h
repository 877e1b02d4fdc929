#ifndef PAGE_PAGE_CERT_H
#define PAGE_PAGE_CERT_H
/*
 * Client certificates and login names: ClientCertUser takes the name from the
 * browser's certificate and pins it, so that nobody logs in as somebody else,
 * and no session of one person goes on with the certificate of another.
 */
#include "page/page.h"

enum page_cert_state {
	PAGE_CERT_UNUSED,   /* ClientCertUser=none */
	PAGE_CERT_NONE,     /* the browser showed none */
	PAGE_CERT_BAD,      /* one that cannot be trusted */
	PAGE_CERT_NAMELESS, /* a good one that names no login */
	PAGE_CERT_NAMED
};
struct page_cert {
	enum page_cert_state state;
	bool is_needed;    /* nobody gets in without a name */
	struct text login; /* NAMED: as the mail server knows it, domain added
	                    */
	const char *words; /* why it names nobody, for people; NULL: nothing
	                      to say */
};
/* What the certificate of this connection says, by the site's rules. Pure. */
void page_cert_read(const struct request *req, struct page_cert *out);
/* May the request's session go on with this connection's certificate? Pure. */
bool page_cert_fits(const struct request *req);
/*
 * Sets a session aside (req->session NULL, req->is_misfit) when it may not.
 * It goes on living for whom it belongs to. After session_attach().
 */
void page_cert_hold(struct request *req);

/*
 * What people call the owner of a distinguished name (RFC 4514): its CN, its
 * O, or the whole of it. In the arena.
 */
struct text page_cert_person(struct arena *arena, struct str name);
/* The same for an authority: "R11 (Let's Encrypt)". */
struct text page_cert_authority(struct arena *arena, struct str name);
/* The person's certificate: cert_name, cert_issuer, cert_until; all views. */
void page_cert_view(struct request *req, struct view *view);

#endif
