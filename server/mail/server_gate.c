#include "mail/server.h"
#include "os/clock.h"

#define GATE_QUIET_MS ((int64_t)500) /* nobody came through: it hangs */
#define GATE_SLICE_MS ((int64_t)50)  /* looks at cancel this often */
#define GATE_LEAST    2u

/* A third of the workers: a server that hangs cannot hold all of them. */
static uint32_t
gate_room(const struct mail_server *server)
{
	const uint32_t share = server->cfg->workers / 3;

	return share < GATE_LEAST ? GATE_LEAST : share;
}

static struct server_gate *
gate_of(const struct mail_server *server, const struct mail_server_leg *leg)
{
	return leg == &server->imap ? &server->live->imap_gate
	                            : &server->live->smtp_gate;
}

/* Whether to wait on; the lock is held. */
static enum err_code
gate_may_wait(const struct server_gate *gate, bool is_smtp,
    const struct mail_wait *wait, struct err *err)
{
	const int64_t now = clock_mono_ms();

	if (wait->cancel != NULL && cancel_is_fired(wait->cancel))
		return err_set(err, ERR_CANCELED, NULL, "mail: canceled");
	if (now - gate->quiet_mono_ms < GATE_QUIET_MS &&
	    now < wait->deadline_mono_ms)
		return ERR_OK;
	return err_set(err, ERR_AWAY,
	    is_smtp ? "The server for outgoing mail is slow to answer, and "
	              "many are waiting for it. Please try again in a moment."
	            : "The mail server is slow to answer, and many are waiting "
	              "for it. Please try again in a moment.",
	    "not tried: others wait for a connection to be made");
}

enum err_code
server_gate_enter(const struct mail_server *server,
    const struct mail_server_leg *leg, const struct mail_wait *wait,
    struct err *err)
{
	struct mail_server_live *live = server->live;
	struct server_gate *gate = gate_of(server, leg);
	const int64_t start_us = clock_mono_us();
	enum err_code rc = ERR_OK;

	lock_take(&live->lock);
	while (rc == ERR_OK && gate->opening >= gate_room(server)) {
		rc = gate_may_wait(gate, leg == &server->smtp, wait, err);
		if (rc == ERR_OK)
			(void)lock_cond_wait_ms(
			    &live->passed, &live->lock, GATE_SLICE_MS);
	}
	if (rc == ERR_OK) {
		if (gate->opening == 0)
			gate->quiet_mono_ms = clock_mono_ms();
		gate->opening++;
	}
	lock_give(&live->lock);
	if (wait->waited_us != NULL)
		*wait->waited_us += (uint64_t)(clock_mono_us() - start_us);
	return rc;
}

void
server_gate_leave(const struct mail_server *server,
    const struct mail_server_leg *leg, enum err_code rc)
{
	struct mail_server_live *live = server->live;
	struct server_gate *gate = gate_of(server, leg);

	lock_take(&live->lock);
	gate->opening--;
	if (rc == ERR_OK)
		gate->quiet_mono_ms = clock_mono_ms();
	lock_cond_broadcast(&live->passed);
	lock_give(&live->lock);
}
