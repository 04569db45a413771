"""The product around the two libraries; imports run one way, top to bottom.

factory, cli, supervise   start things: the web application, the commands, the supervisor
demo                      a believable call, made from a fixed seed
web                       the only package that knows Flask: one folder for each user group
jobs                      what runs outside a request: outbox relay, worker, the tasks
stages                    the writing verbs, one file for each step of the process
exports                   files that leave the platform
queries                   the reading side: frozen rows for pages and exports
workflow                  states, transitions, guards, permissions; `door` alone writes a status
records, outbox, mail, documents, journal     what the stages write with
models                    tables, one aggregate a file
db, errors, files, i18n, clock                the ground
"""
