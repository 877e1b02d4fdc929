#ifndef PAGE_PAGE_CONNECTION_H
#define PAGE_PAGE_CONNECTION_H
/* What protects each leg, as the page says it. This room and its tests. */
#include "page/page.h"

/* The way from the browser to us. */
void page_connection_view_web(
    struct request *req, const struct net_tls_facts *facts, struct view *view);
/*
 * The way from us to a mail server, by what was seen and what is configured.
 * `host` is named only with ShowMailServerNames=1.
 */
struct page_connection_leg {
	const struct mail_leg *seen;
	enum config_verify_server verify;
	bool has_pin;
	bool show_names;
	struct str host;
};
void page_connection_view_leg(struct request *req,
    const struct page_connection_leg *leg, struct view *view);

#endif
