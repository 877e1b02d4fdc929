#include "net/net_tls.h"

#include "net/net_tls_inside.h"

enum {
	ARENA_BYTES = 16 << 20 /* some KB for each site */
};

/* "mail.example." is "mail.example". */
static struct str
without_dot(struct str host)
{
	return host.len > 1 && str_ends(host, STR("."))
	           ? str_slice(host, 0, host.len - 1)
	           : host;
}

/* A Host header's name, without its port (RFC 9110, 7.2). */
static struct str
without_port(struct str host)
{
	const size_t from =
	    str_starts(host, STR("[")) ? str_find_byte(host, ']', 0) : 0;

	return str_slice(host, 0, str_find_byte(host, ':', from));
}

const struct net_tls_place *
net_tls_place_of(const struct net_tls *tls, struct str host)
{
	const struct str name = without_dot(host);

	for (size_t i = 1; i < tls->place_count && name.len > 0; i++) {
		if (str_eq_nocase(tls->places[i].host, name))
			return &tls->places[i];
	}
	return &tls->places[0];
}

/* ---- making and freeing ---- */

static enum err_code
build(struct net_tls *tls, const struct net_tls_server_settings *settings,
    struct err *err)
{
	enum err_code rc = ERR_OK;

	tls->arena = arena_new(ARENA_BYTES);
	if (tls->arena != NULL)
		tls->places = ARENA_ARRAY(
		    tls->arena, settings->site_count, struct net_tls_place);
	if (tls->places == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "net_tls");
	tls->has_tickets = settings->has_tickets;
	if (settings->proxy_trust != NULL)
		rc = net_tls_trusted_new(
		    settings->proxy_trust, &tls->proxies, err);
	for (size_t i = 0; i < settings->site_count && rc == ERR_OK; i++) {
		tls->places[i].tls = tls;
		tls->place_count++;
		rc = net_tls_site_build(
		    &tls->places[i], settings, &settings->sites[i], err);
	}
	return rc;
}

enum err_code
net_tls_new(const struct net_tls_server_settings *settings,
    struct net_tls **out, struct err *err)
{
	struct net_tls *tls = calloc(1, sizeof(*tls));
	enum err_code rc = ERR_OK;

	*out = NULL;
	ensure(settings->site_count > 0);
	if (tls == NULL)
		return err_set(err, ERR_NO_MEMORY, NULL, "net_tls");
	atomic_init(&tls->refs, 1);
	rc = net_tls_policy_check(&settings->policy, err);
	if (rc == ERR_OK)
		rc = build(tls, settings, err);
	if (rc != ERR_OK) {
		net_tls_unref(tls);
		return rc;
	}
	*out = tls;
	return ERR_OK;
}

struct net_tls *
net_tls_ref(struct net_tls *tls)
{
	if (tls != NULL)
		(void)atomic_fetch_add(&tls->refs, 1);
	return tls;
}

void
net_tls_unref(struct net_tls *tls)
{
	if (tls == NULL || atomic_fetch_sub(&tls->refs, 1) != 1)
		return;
	for (size_t i = 0; i < tls->place_count; i++)
		net_tls_site_end(&tls->places[i]);
	net_tls_trusted_free(tls->proxies);
	arena_free(tls->arena);
	free(tls);
}

/* ---- facts ---- */

const struct net_tls_facts *
net_tls_facts(const struct net_tls *tls)
{
	return &tls->places[0].facts[0];
}

const struct net_tls_facts *
net_tls_facts_of(const struct net_tls *tls, struct str host)
{
	return &net_tls_place_of(tls, without_port(host))->facts[0];
}

const struct net_tls_facts *
net_tls_facts_at(const struct net_tls *tls, size_t index)
{
	for (size_t i = 0; i < tls->place_count; i++) {
		const struct net_tls_place *place = &tls->places[i];

		if (index < place->identity_count)
			return &place->facts[index];
		index -= place->identity_count;
	}
	return NULL;
}

enum net_tls_verify
net_tls_verify_of(const struct net_tls *tls, struct str host)
{
	return net_tls_place_of(tls, without_port(host))->verify;
}
