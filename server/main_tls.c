#include "main_tls.h"

#include "base/arena.h"
#include "base/limits.h"
#include "os/file.h"

/* The longest chain, or bundle of authorities, anybody has. */
#define PEM_BYTES ((size_t)4 << 20)

/*
 * Puts "FILE:LINE: " of the key in the ini file before the message, and what
 * to do when the file is not there.
 */
static enum err_code
fail_at(const struct config *cfg, const char *key, enum err_code rc,
    struct err *err)
{
	uint32_t line = config_line_of(cfg, str_c(key));
	struct err inner = *err;
	char place[16] = "";
	const char *mend = "";

	if (line != 0)
		(void)snprintf(place, sizeof(place), ":%u", line);
	if (rc == ERR_NOT_FOUND)
		mend = "; iwebmsg-ssl selfsigned makes certificate and key";
	return err_sayf(err, ERR_CONFIG, "%s%s: %s: %s%s", cfg->path.ptr, place,
	    key, inner.message, mend);
}

static enum err_code
read_secret(const struct main_door *door, const struct config *cfg,
    const char *key, struct str path, struct secret *out, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = main_door_file(door, path, &fd, err);

	if (rc == ERR_OK && file_is_open_to_others(fd))
		rc = err_sayf(err, ERR_CONFIG,
		    "%s may be read by others; mend it with: chmod o= %s",
		    path.ptr, path.ptr);
	if (rc == ERR_OK)
		rc = file_read_secret_fd(fd, PEM_BYTES, out, err);
	return rc == ERR_OK ? ERR_OK : fail_at(cfg, key, rc, err);
}

/* The first line of the file, as the manual says. */
static enum err_code
read_password(const struct main_door *door, const struct config *cfg,
    struct secret *out, struct err *err)
{
	CLEANUP(secret_end) struct secret whole = {0};
	enum err_code rc = read_secret(door, cfg, "KeyPasswordFile",
	    cfg->site.key_password_file, &whole, err);
	struct str rest = secret_str(&whole);

	if (rc != ERR_OK)
		return rc;
	rest = str_cut(&rest, '\n');
	if (str_ends(rest, STR("\r")))
		rest = str_slice(rest, 0, rest.len - 1);
	return secret_init(out, rest, err);
}

static enum err_code
read_text(const struct main_door *door, struct str path, struct arena *arena,
    struct str *out, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = main_door_file(door, path, &fd, err);

	return rc == ERR_OK ? file_read_fd(fd, PEM_BYTES, arena, out, err) : rc;
}

static enum err_code
read_leg(const struct main_door *door, struct str ca, struct arena *arena,
    struct mail_leg_files *out, struct err *err)
{
	if (str_is_empty(ca))
		return ERR_OK;
	/* Whatever it is, it is the admin's turn. */
	return read_text(door, ca, arena, &out->ca_pem, err) == ERR_OK
	           ? ERR_OK
	           : ERR_CONFIG;
}

enum err_code
main_tls_mail(void *ctx, const struct config *cfg,
    const struct config_site *site, struct mail_server **out, struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	struct mail_server_files files = {0};
	enum err_code rc = ERR_NO_MEMORY;

	*out = NULL;
	if (arena == NULL)
		return err_set(err, rc, "out of memory", NULL);
	rc = read_leg(ctx, site->imap_ca, arena, &files.imap, err);
	if (rc == ERR_OK)
		rc = read_leg(ctx, site->smtp_ca, arena, &files.smtp, err);
	return rc == ERR_OK ? mail_server_new(cfg, site, &files, out, err) : rc;
}

enum err_code
main_tls_load(const struct main_door *door, const struct config *cfg,
    struct net_tls **out, struct err *err)
{
	CLEANUP(arena_free_at)
	struct arena *arena = arena_new(LIMIT_ARENA_BYTES);
	CLEANUP(secret_end) struct secret key = {0};
	CLEANUP(secret_end) struct secret password = {0};
	bool has_password = !str_is_empty(cfg->site.key_password_file);
	struct net_tls_site site = {
	    .identities = {{.key_pem = &key,
	        .key_password = has_password ? &password : NULL,
	        .certificate_name = cfg->site.certificate.ptr,
	        .key_name = cfg->site.private_key.ptr}},
	    .identity_count = 1};
	struct net_tls_server_settings settings = {
	    .policy.min_version =
	        cfg->min_protocol == CONFIG_TLS_1_3 ? NET_TLS_1_3 : NET_TLS_1_2,
	    .sites = &site,
	    .site_count = 1,
	    .has_tickets = cfg->session_tickets,
	    .ticket_key_life_ms = cfg->ticket_key_life_ms};
	enum err_code rc = ERR_OK;

	*out = NULL;
	if (!cfg->enable_ssl)
		return ERR_OK;
	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "out of memory", NULL);
	rc = read_text(door, cfg->site.certificate, arena,
	    &site.identities[0].certificate_pem, err);
	if (rc != ERR_OK)
		return fail_at(cfg, "Certificate", rc, err);
	rc = read_secret(
	    door, cfg, "PrivateKey", cfg->site.private_key, &key, err);
	if (rc == ERR_OK && has_password)
		rc = read_password(door, cfg, &password, err);
	if (rc == ERR_OK) {
		rc = net_tls_new(&settings, out, err);
		if (rc != ERR_OK)
			return fail_at(cfg, "Certificate", rc, err);
	}
	return rc;
}
