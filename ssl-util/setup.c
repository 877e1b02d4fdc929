#include "setup.h"

#include <openssl/bio.h>

#include "base/codec.h"
#include "cert.h"
#include "configure.h"
#include "ini.h"
#include "install.h"
#include "key.h"
#include "load.h"
#include "os/credential.h"
#include "os/file.h"
#include "own.h"
#include "server_find.h"
#include "setup_inside.h"

#define ARENA_BYTES    ((size_t)32 << 20)
#define PASSWORD_BYTES 24 /* as many letters in Base-64: 32 */
#define EDITS_MAX      5

static void
setup_end(struct setup *setup)
{
	own_bio_free(&setup->key_pem);
	own_bio_free(&setup->cert_pem);
	own_bio_free(&setup->request_pem);
	key_free(&setup->key);
	secret_end(&setup->password);
	ini_write_end(&setup->ini);
}

enum err_code
setup_check_ini(const char *ini, struct err *err)
{
	struct server_find found;

	if (server_find(ini, &found))
		return ERR_OK;
	if (found.how == SERVER_FIND_PROCESS)
		return err_sayf(err, ERR_CONFIG,
		    "The server that runs (process %d) uses %s, not %s. "
		    "Nothing was written. Say --config %s, or --any-ini when "
		    "another server is meant.",
		    found.pid, found.ini, ini, found.ini);
	return err_sayf(err, ERR_CONFIG,
	    "The service (%s) uses %s, not %s. Nothing was written. Say "
	    "--config %s, or --any-ini when another server is meant.",
	    found.unit, found.ini, ini, found.ini);
}

/* The ini file as it is; one that the server refuses is mended first. */
static enum err_code
read_ini(struct setup *setup, struct buf *out, struct err *err)
{
	const struct options *options = setup->options;
	const char *path = options->config != NULL ? options->config : INI_PATH;
	enum err_code rc =
	    options->any_ini ? ERR_OK : setup_check_ini(path, err);

	/* Only where the server looks by itself a new one makes sense. */
	if (rc == ERR_OK)
		rc = ini_write_begin(&setup->ini, path, options->config == NULL,
		    setup->arena, err);
	if (rc != ERR_OK || setup->ini.old != NULL)
		return rc;
	rc = ini_write_try(&setup->ini, out, err);
	if (rc == ERR_CONFIG)
		return err_sayf(err, ERR_CONFIG,
		    "The server refuses %s as it is. Nothing was written; "
		    "mend that first.",
		    setup->ini.path);
	return rc;
}

/* A random password, when there is to be one and is none yet. */
static enum err_code
make_password(struct setup *setup, struct err *err)
{
	CLEANUP(secret_end) struct secret random = {.ptr = NULL};
	CLEANUP(buf_free) struct buf letters = {.ptr = NULL};
	enum err_code rc = ERR_OK;

	if (setup->place.password[0] == '\0')
		return ERR_OK;
	if (credential_is(str_c(setup->place.password)) ||
	    file_exists(setup->place.password))
		return load_password(
		    setup->place.password, &setup->password, err);
	buf_init(&letters, 100);
	rc = secret_random(&random, PASSWORD_BYTES, err);
	if (rc != ERR_OK)
		return rc;
	setup->password_is_new = true;
	codec_base64url_encode(&letters, secret_str(&random));
	buf_add_byte(&letters, '\0');
	rc = secret_init(&setup->password, buf_str(&letters), err);
	secret_wipe(letters.ptr, letters.len);
	return rc;
}

static enum err_code
take_key(struct setup *setup, struct err *err)
{
	const char *path = setup->place.key;

	setup->key_is_new = !file_exists(path);
	if (setup->key_is_new)
		return key_make(setup->options->key_kind, &setup->key, err);
	enum err_code rc = load_key(path, &setup->password, &setup->key, err);
	if (rc == ERR_OK && key_is_weak(setup->key))
		return err_sayf(err, ERR_INPUT,
		    "The key %s is too weak for use today. Move it away for a "
		    "new one.",
		    path);
	return rc;
}

/* All of it in memory: what cannot be costs nothing. */
static enum err_code
make(struct setup *setup, struct err *err)
{
	const struct options *options = setup->options;
	struct str pem;
	enum err_code rc = make_password(setup, err);

	if (rc == ERR_OK)
		rc = install_may(setup->place.cert, options->force, err);
	if (rc == ERR_OK)
		rc = install_may(setup->place.request, options->force, err);
	if (rc == ERR_OK)
		rc = take_key(setup, err);
	setup->cert_pem = BIO_new(BIO_s_mem());
	setup->request_pem = BIO_new(BIO_s_mem());
	if (rc == ERR_OK &&
	    (setup->cert_pem == NULL || setup->request_pem == NULL))
		rc = key_fail("start", err);
	if (rc == ERR_OK)
		rc = key_pem(
		    setup->key, &setup->password, &setup->key_pem, &pem, err);
	if (rc == ERR_OK)
		rc = cert_selfsigned_pem(
		    options, setup->key, setup->cert_pem, err);
	if (rc == ERR_OK)
		rc = cert_request_pem(
		    options, setup->key, setup->request_pem, err);
	return rc;
}

/* Without it the server would not start, and setup promises that it does. */
static enum err_code
check_store(const struct setup *setup, struct err *err)
{
	const struct config_site *site = &setup->ini.fresh->site;

	if (site->verify_client == CONFIG_VERIFY_CLIENT_NONE ||
	    file_exists(site->trust_store.ptr))
		return ERR_OK;
	return err_sayf(err, ERR_CONFIG,
	    "The trust store %s is not there. Nothing was written. Make it "
	    "first: iwebmsg-ssl trust add CA.pem --for clients --file %s",
	    site->trust_store.ptr, site->trust_store.ptr);
}

static enum err_code
edit_ini(struct setup *setup, struct buf *out, struct err *err)
{
	const struct options *options = setup->options;
	struct configure_edits more;
	struct options said = *options;
	const struct ini_edit edits[EDITS_MAX] = {
	    {STR("SSL"), STR("EnableSSL"), STR("1")},
	    {STR("SSL"), STR("ForceSSL"),
	        options->force_ssl != NULL ? str_c(options->force_ssl)
	                                   : STR("1")},
	    {STR("SSL"), STR("Certificate"), str_c(setup->place.cert)},
	    {STR("SSL"), STR("PrivateKey"), str_c(setup->place.key)},
	    {STR("SSL"), STR("KeyPasswordFile"), str_c(setup->place.password)}};
	size_t count = setup->place.password[0] != '\0' ? 5 : 4;

	/* Said above. */
	said.force_ssl = NULL;
	said.password_file = NULL;
	said.key_path[0] = '\0';
	said.out_path[0] = '\0';
	enum err_code rc = configure_edits(&said, setup->arena, &more, err);
	if (rc == ERR_OK)
		rc = ini_write_edit(&setup->ini, edits, count, err);
	if (rc == ERR_OK)
		rc = ini_write_edit(&setup->ini, more.edits, more.count, err);
	if (rc == ERR_OK)
		rc = ini_write_try(&setup->ini, out, err);
	return rc == ERR_OK ? check_store(setup, err) : rc;
}

static struct str
bytes_of(BIO *bio)
{
	char *bytes = NULL;
	long len = BIO_get_mem_data(bio, &bytes);

	return str_of(bytes, len > 0 ? (size_t)len : 0);
}

/* The ini file last: it names only what is there. */
static enum err_code
write_all(struct setup *setup, struct buf *out, struct err *err)
{
	const struct setup_place *place = &setup->place;
	struct setup_file files[SETUP_FILES_MAX];
	struct str word = secret_str(&setup->password);
	size_t count = 0;

	if (setup->password_is_new)
		files[count++] = (struct setup_file){place->password,
		    str_slice(word, 0, word.len - 1), 0600, false,
		    "Password of the key"};
	if (setup->key_is_new)
		files[count++] =
		    (struct setup_file){place->key, bytes_of(setup->key_pem),
		        0600, false, "Key (keep it secret)"};
	else
		buf_addf(out, "Key, as it was: %s\n", place->key);
	files[count++] =
	    (struct setup_file){place->cert, bytes_of(setup->cert_pem), 0644,
	        file_exists(place->cert), "Self-signed certificate"};
	files[count++] =
	    (struct setup_file){place->request, bytes_of(setup->request_pem),
	        0644, file_exists(place->request), "Request of the same key"};
	enum err_code rc = setup_write(files, count, out, err);
	if (rc != ERR_OK)
		return rc;
	rc = ini_write_save(&setup->ini, out, err);
	if (rc != ERR_OK)
		setup_undo(files, count);
	return rc;
}

static void
say_next(const struct setup *setup, struct buf *out)
{
	const struct options *options = setup->options;
	const struct config *cfg = setup->ini.fresh;
	const char *ini = setup->ini.path;
	struct server_find found;

	if (setup->key != NULL && EVP_PKEY_is_a(setup->key, "ED25519"))
		buf_add_c(out, "note: browsers do not take an Ed25519 "
		               "certificate of a server.\n");
	buf_add_c(out, "\nNext:\n");
	if (server_find(ini, &found) && found.how == SERVER_FIND_PROCESS)
		ini_write_next(&setup->ini, out);
	else
		buf_add_c(out, "  systemctl restart iwebmsg\n");
	buf_addf(out,
	    "  iwebmsg-ssl check --config %s\n"
	    "then https://%.*s:%u/ answers; browsers warn of a self-signed "
	    "certificate.\n",
	    ini, STR_ARG(options->name), (unsigned)cfg->secure_port);
	if (options->acme_webroot != NULL)
		buf_addf(out,
		    "\nFor a certificate that browsers believe, free and "
		    "renewed by itself (%.*s must reach the plain port as "
		    "port 80):\n"
		    "  mkdir -p %.*s\n"
		    "  certbot certonly --webroot -w %.*s -d %.*s "
		    "--deploy-hook \"systemctl reload iwebmsg\"\n"
		    "  iwebmsg-ssl configure --config %s \\\n"
		    "    --cert /etc/letsencrypt/live/%.*s/fullchain.pem \\\n"
		    "    --key-file /etc/letsencrypt/live/%.*s/privkey.pem "
		    "--password-file \"\"\n  systemctl reload iwebmsg\n",
		    STR_ARG(options->name), STR_ARG(cfg->acme_webroot),
		    STR_ARG(cfg->acme_webroot), STR_ARG(options->name), ini,
		    STR_ARG(options->name), STR_ARG(options->name));
	buf_addf(out,
	    "\nFor a certificate of another authority send it %s; with its "
	    "answer:\n"
	    "  iwebmsg-ssl import ANSWER --config %s --force\n"
	    "  systemctl reload iwebmsg\n",
	    setup->place.request, ini);
}

static enum err_code
run(struct setup *setup, struct buf *out, struct err *err)
{
	enum err_code rc = read_ini(setup, out, err);

	if (rc == ERR_OK)
		rc = setup_place(setup, err);
	if (rc == ERR_OK)
		rc = make(setup, err);
	if (rc == ERR_OK)
		rc = edit_ini(setup, out, err);
	if (rc == ERR_OK)
		rc = write_all(setup, out, err);
	if (rc == ERR_OK)
		say_next(setup, out);
	return rc;
}

enum err_code
setup_run(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_BYTES);
	struct setup *setup =
	    arena != NULL ? ARENA_NEW(arena, struct setup) : NULL;

	if (setup == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	*setup = (struct setup){.options = options, .arena = arena};
	enum err_code rc = run(setup, out, err);
	setup_end(setup);
	return rc;
}
