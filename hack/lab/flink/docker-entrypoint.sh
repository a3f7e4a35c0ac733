#!/bin/bash
# Entry point of the lab's Flink image. Flink's native Kubernetes integration
# calls it as: /docker-entrypoint.sh bash -c "kubernetes-jobmanager.sh ..."
export FLINK_HOME=/opt/flink
export FLINK_CONF_DIR=${FLINK_CONF_DIR:-$FLINK_HOME/conf}
# Relative to the working directory otherwise.
export FLINK_LIB_DIR=$FLINK_HOME/lib FLINK_PLUGINS_DIR=$FLINK_HOME/plugins
export PATH=$FLINK_HOME/bin:$PATH
exec "$@"
