#ifndef NET_THREAD_H
#define NET_THREAD_H
/* The network threads: accept, events, deadlines, inbox. Inside net. */
#include "net/net_inside.h"

enum err_code net_thread_start(
    struct net_thread *thread, struct net *net, struct err *err) WARN_UNUSED;
/* After net->is_ending: waits for its end and frees what it has. */
void net_thread_end(struct net_thread *thread);
/* Puts a record into its thread's inbox; from any thread. */
void net_thread_post(
    struct net_thread *thread, struct net_conn *conn, unsigned bits);
/* On its own thread. */
void net_thread_add(struct net_thread *thread, struct net_conn *conn);
void net_thread_again(struct net_thread *thread, struct net_conn *conn);
/* Out of the list; freed after the events at hand. */
void net_thread_bury(struct net_thread *thread, struct net_conn *conn);

#endif
