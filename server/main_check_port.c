#include <errno.h>

#include "main_check_inside.h"
#include "os/socket_holder.h"

/* Ours, or one that keeps us from starting? */
static void
say_taken(const char *what, uint16_t port)
{
	char name[64] = "";

	if (!socket_holder(port, name, sizeof(name)))
		main_check_note(what,
		    "%u is taken, by a program that this user cannot see; as "
		    "root, see: ss -ltnp 'sport = :%u'",
		    (unsigned)port, (unsigned)port);
	else if (strcmp(name, "iwebmsgd") == 0)
		main_check_ok(
		    what, "%u is taken by a running iwebmsgd", (unsigned)port);
	else
		main_check_note(what,
		    "%u is taken by %s, so the server would not start; end "
		    "that, or name another port (see: ss -ltnp 'sport = "
		    ":%u')",
		    (unsigned)port, name, (unsigned)port);
}

static void
check_port(struct check *check, const char *what, uint16_t port, bool is_used)
{
	sock_t sock = SOCK_NONE;
	struct err err = ERR_NONE;

	if (!is_used || port == 0) {
		main_check_ok(what, "closed");
		return;
	}
	errno = 0;
	if (socket_listen(check->cfg->listen_address, port, &sock, &err) ==
	    ERR_OK)
		main_check_ok(what, "%u on %.*s", (unsigned)port,
		    STR_ARG(check->cfg->listen_address));
	else if (errno == EADDRINUSE)
		say_taken(what, port);
	else
		main_check_err(check, what, &err);
	socket_close(&sock);
}

void
main_check_ports(struct check *check)
{
	const struct config *cfg = check->cfg;

	check_port(check, "plain port", cfg->plain_port, true);
	check_port(check, "secure port", cfg->secure_port, cfg->enable_ssl);
}
