#include "wizard.h"

#include <netdb.h>
#include <unistd.h>

#include "ask.h"
#include "base/arena.h"
#include "ini.h"
#include "key.h"
#include "os/file.h"
#include "san.h"
#include "server_find.h"
#include "setup.h"

#define ARENA_BYTES ((size_t)1 << 20)
#define HOST_BYTES  256
#define NAMES_MAX   20
#define CHOICE_ACME "1"
#define ACME_FOLDER "/var/lib/iwebmsg/acme"

struct wizard {
	struct ask ask;
	struct buf *out;
	struct options options; /* what setup will do */
	char ini[ASK_LINE_BYTES];
	char choice[ASK_LINE_BYTES];
	char names[ASK_LINE_BYTES];
	char organization[ASK_LINE_BYTES];
	char key[ASK_LINE_BYTES];
	char verify[ASK_LINE_BYTES];
	char store[ASK_LINE_BYTES];
	char webroot[ASK_LINE_BYTES];
	char password[ASK_LINE_BYTES + 32];
};

static const char WELCOME[] =
    "This sets up secure mode (https) of iwebmsgd: a key, a certificate and "
    "the ini\nfile. The answer in brackets is taken when you press Enter. "
    "Until the last\nquestion nothing is changed; Ctrl-C stops it.\n\n";

static const char WAYS[] =
    "\nWhere shall the certificate come from?\n"
    "  1  ACME (recommended): a public authority such as Let's Encrypt gives "
    "one free\n     of charge and certbot renews it by itself. The name must "
    "be in the public DNS\n     and port 80 of it must lead here.\n"
    "  2  Another public authority, or that of your company: it gets a "
    "request and\n     sends a certificate back.\n"
    "  3  Self-signed, for trials: browsers warn, and people would learn to "
    "click\n     warnings away.\n"
    "In each case a self-signed one is made now, so that the server runs at "
    "once, and\na request of the same key.\n";

static const char NAMES[] =
    "\nThe name people type into their browsers, such as mail.example.org; "
    "several with\nblanks between them. A certificate is good for just these "
    "names.\n";

static const char KEYS[] =
    "\nThe kind of key. ec:p256 is fast, strong and taken by every browser "
    "of today;\nrsa:2048 or rsa:3072 by very old ones too; ec:p384 where a "
    "rule asks for it.\n";

static const char ORGANIZATION[] =
    "\nThe organization may stand in the certificate; public authorities "
    "mostly drop it.\n";

static const char PASSWORD[] =
    "\nThe key's file can be encrypted with a password. The server must get "
    "it by\nitself, so it lies in a second file that only root reads: this "
    "protects copies of\nthe key alone, such as backups, not this machine.\n";

static const char FORCE[] =
    "\nWith ForceSSL every page is served encrypted only, and no password "
    "ever travels\nin clear. Without it people choose at the foot of each "
    "page.\n";

static const char CLIENTS[] =
    "\nThe server can ask browsers for a certificate of the person (client "
    "authentication).\nSay none unless you give such certificates to your "
    "people: optional looks at one\nthat is there, required lets nobody in "
    "without, explain tells them why not.\n";

static void
say(struct wizard *wizard, const char *text)
{
	buf_add_c(wizard->out, text);
	ask_show(wizard->out);
}

/* hostname -f */
static void
host_name(char out[HOST_BYTES])
{
	const struct addrinfo hints = {
	    .ai_family = AF_UNSPEC, .ai_flags = AI_CANONNAME};
	struct addrinfo *list = NULL;

	out[0] = '\0';
	if (gethostname(out, HOST_BYTES - 1) != 0)
		return;
	out[HOST_BYTES - 1] = '\0';
	if (getaddrinfo(out, NULL, &hints, &list) == 0 && list != NULL) {
		if (list->ai_canonname != NULL &&
		    strchr(list->ai_canonname, '.') != NULL)
			(void)snprintf(
			    out, HOST_BYTES, "%s", list->ai_canonname);
		freeaddrinfo(list);
	}
}

static enum err_code
ask_ini(struct wizard *wizard, struct err *err)
{
	struct server_find found;
	const char *known = INI_PATH;

	if (wizard->options.config != NULL)
		return wizard->options.any_ini
		           ? ERR_OK
		           : setup_check_ini(wizard->options.config, err);
	(void)server_find(NULL, &found);
	if (found.how == SERVER_FIND_PROCESS)
		buf_addf(wizard->out,
		    "A server runs here (process %d) and uses this ini file:\n",
		    found.pid);
	else if (found.how == SERVER_FIND_UNIT)
		buf_addf(wizard->out, "The service (%s) uses this ini file:\n",
		    found.unit);
	else
		buf_add_c(wizard->out,
		    "No server runs here; this is where it looks:\n");
	if (found.how != SERVER_FIND_NONE)
		known = found.ini;
	ask_show(wizard->out);
	enum err_code rc =
	    ask_line(&wizard->ask, "Ini file", known, wizard->ini, err);
	if (rc != ERR_OK)
		return rc;
	/* Not said at all lets setup begin with the sample file. */
	if (!str_eq(str_c(wizard->ini), STR(INI_PATH)))
		wizard->options.config = wizard->ini;
	return wizard->options.any_ini ? ERR_OK
	                               : setup_check_ini(wizard->ini, err);
}

static enum err_code
ask_way(struct wizard *wizard, struct err *err)
{
	enum err_code rc = ERR_OK;

	say(wizard, WAYS);
	do {
		rc = ask_line(&wizard->ask, "1, 2 or 3", CHOICE_ACME,
		    wizard->choice, err);
	} while (rc == ERR_OK &&
	         (wizard->choice[1] != '\0' || wizard->choice[0] < '1' ||
	             wizard->choice[0] > '3'));
	if (rc != ERR_OK || !str_eq(str_c(wizard->choice), STR(CHOICE_ACME)))
		return rc;
	say(wizard, "\nThe folder where certbot leaves its proofs, which the "
	            "server shows to the\nauthority.\n");
	rc =
	    ask_line(&wizard->ask, "Folder", ACME_FOLDER, wizard->webroot, err);
	wizard->options.acme_webroot = wizard->webroot;
	return rc;
}

static void
take_names(struct wizard *wizard)
{
	struct options *options = &wizard->options;
	struct str rest = str_c(wizard->names);

	options->name = (struct str){0};
	options->san_count = 0;
	while (rest.ptr != NULL && options->san_count < NAMES_MAX) {
		struct str word = str_trim(str_cut(&rest, ' '));

		if (word.len > 0 && options->name.len == 0)
			options->name = word;
		else if (word.len > 0)
			options->sans[options->san_count++] = word;
	}
}

/* Again until each of them can stand in a certificate. */
static enum err_code
ask_names(struct wizard *wizard, struct err *err)
{
	char host[HOST_BYTES];
	enum err_code rc = ERR_OK;

	say(wizard, NAMES);
	host_name(host);
	for (;;) {
		GENERAL_NAMES *names = NULL;

		rc = ask_line(&wizard->ask, "Name",
		    strchr(host, '.') != NULL ? host : NULL, wizard->names,
		    err);
		if (rc != ERR_OK)
			return rc;
		take_names(wizard);
		rc = options_name_to_ascii(&wizard->options, err);
		if (rc == ERR_OK)
			rc = san_make(&wizard->options, &names, err);
		san_free(&names);
		if (rc != ERR_INPUT)
			return rc;
		buf_addf(wizard->out, "%s\n", err->message);
		ask_show(wizard->out);
	}
}

static enum err_code
ask_key(struct wizard *wizard, struct err *err)
{
	enum err_code rc = ERR_OK;

	say(wizard, KEYS);
	for (;;) {
		rc = ask_line(&wizard->ask, "Key", "ec:p256", wizard->key, err);
		if (rc != ERR_OK)
			return rc;
		wizard->options.key_kind = str_c(wizard->key);
		rc = key_check_kind(wizard->options.key_kind, err);
		if (rc != ERR_INPUT)
			break;
		buf_addf(wizard->out, "%s\n", err->message);
		ask_show(wizard->out);
	}
	if (rc != ERR_OK)
		return rc;
	say(wizard, ORGANIZATION);
	rc = ask_line(&wizard->ask, "Organization, or none", "none",
	    wizard->organization, err);
	if (rc == ERR_OK &&
	    !str_eq_nocase(str_c(wizard->organization), STR("none")))
		wizard->options.organization = str_c(wizard->organization);
	return rc;
}

static enum err_code
ask_password(struct wizard *wizard, struct err *err)
{
	bool is_wanted = false;
	char folder[PATH_BYTES];
	char ini[PATH_BYTES];

	say(wizard, PASSWORD);
	enum err_code rc = ask_yes(&wizard->ask,
	    "Encrypt the key with a "
	    "random password",
	    false, &is_wanted, err);
	if (rc != ERR_OK || !is_wanted)
		return rc;
	rc = path_real(
	    wizard->options.config != NULL ? wizard->options.config : INI_PATH,
	    ini, err);
	if (rc != ERR_OK)
		return rc;
	path_folder(ini, folder);
	int len = snprintf(wizard->password, sizeof(wizard->password),
	    "%s/ssl/server.password", folder);
	if (len < 0 || (size_t)len >= sizeof(wizard->password))
		return err_sayf(err, ERR_LIMIT, "The path is too long.");
	wizard->options.password_file = wizard->password;
	return ERR_OK;
}

static enum err_code
ask_clients(struct wizard *wizard, struct err *err)
{
	static const char *const words[] = {
	    "none", "optional", "required", "explain"};
	enum err_code rc = ERR_OK;
	size_t i = 4;

	say(wizard, CLIENTS);
	while (rc == ERR_OK && i == 4) {
		rc = ask_line(&wizard->ask, "Client certificates", "none",
		    wizard->verify, err);
		for (i = 0; i < 4; i++)
			if (str_eq_nocase(
			        str_c(wizard->verify), str_c(words[i])))
				break;
	}
	if (rc != ERR_OK || i == 0)
		return rc;
	wizard->options.verify_client = words[i];
	say(wizard, "\nWho gives them: a PEM file with the certificate of that "
	            "authority.\n");
	rc = ask_line(&wizard->ask, "Trust store", NULL, wizard->store, err);
	wizard->options.trust_store = wizard->store;
	return rc;
}

static enum err_code
ask_rest(struct wizard *wizard, struct err *err)
{
	bool is_forced = true;
	bool goes_on = false;
	enum err_code rc = ask_password(wizard, err);

	if (rc == ERR_OK) {
		say(wizard, FORCE);
		rc = ask_yes(&wizard->ask, "Encrypted pages only (ForceSSL=1)",
		    true, &is_forced, err);
	}
	wizard->options.force_ssl = is_forced ? "1" : "0";
	if (rc == ERR_OK)
		rc = ask_clients(wizard, err);
	if (rc == ERR_OK) {
		say(wizard, "\nThat is all. Now key, certificate and request "
		            "are made and the ini file is\nset; of what it "
		            "says now a backup stays.\n");
		rc = ask_yes(&wizard->ask, "Go on", true, &goes_on, err);
	}
	if (rc == ERR_OK && !goes_on)
		return err_sayf(
		    err, ERR_CANCELED, "Stopped. Nothing was changed.");
	return rc;
}

static enum err_code
ask_all(struct wizard *wizard, struct err *err)
{
	enum err_code rc = ask_ini(wizard, err);

	if (rc == ERR_OK)
		rc = ask_way(wizard, err);
	if (rc == ERR_OK)
		rc = ask_names(wizard, err);
	if (rc == ERR_OK)
		rc = ask_key(wizard, err);
	return rc == ERR_OK ? ask_rest(wizard, err) : rc;
}

enum err_code
wizard_run(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = arena_new(ARENA_BYTES);
	struct wizard *wizard =
	    arena != NULL ? ARENA_NEW(arena, struct wizard) : NULL;

	if (wizard == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	if (!ask_is_possible())
		return err_sayf(err, ERR_INPUT,
		    "The wizard asks on a terminal, and there is none. For "
		    "scripts: iwebmsg-ssl setup --name mail.example.org");
	wizard->out = out;
	wizard->options = *options;
	enum err_code rc = ask_begin(&wizard->ask, err);
	if (rc != ERR_OK)
		return rc;
	say(wizard, WELCOME);
	rc = ask_all(wizard, err);
	if (rc == ERR_OK) {
		buf_add_c(out, "\n");
		rc = setup_run(&wizard->options, out, err);
	}
	ask_end(&wizard->ask);
	return rc;
}
