#ifndef OS_DAEMON_INSIDE_H
#define OS_DAEMON_INSIDE_H
/* Between the files of daemon_*. */

/* daemon_ready.c: the pipe's end that ends the starter's wait; owned. */
void daemon_notify_starter(int pipe_end);

#endif
