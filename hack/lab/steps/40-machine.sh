#!/usr/bin/env bash
# The node: certificates, the components' command lines, and the namespaces in which they run.
#
# Everything runs in namespaces of its own (network, mounts, processes, host name) below one process 1, hack/lab/node: when
# it ends, nothing of the lab is left running, mounted or connected.
set -euo pipefail
. "$(dirname "$0")/../settings.sh"

# --- certificates ------------------------------------------------------------
(umask 077 && mkdir -p "$PKI")
cd "$PKI"
if [ ! -f sa.pub ]; then
  quietly "$LAB_DIR/log/openssl.log" openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=lab-ca -days 3650
  quietly "$LAB_DIR/log/openssl.log" openssl genrsa -out sa.key 2048
  quietly "$LAB_DIR/log/openssl.log" openssl rsa -in sa.key -pubout -out sa.pub
fi
cert() { # NAME SUBJECT
  [ ! -f "$1.crt" ] || return 0
  quietly "$LAB_DIR/log/openssl.log" openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2"
  echo "subjectAltName=IP:127.0.0.1,IP:$NODE_IP,IP:$API_SERVICE_IP,DNS:localhost,DNS:$NODE_NAME,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc" >"$1.ext"
  quietly "$LAB_DIR/log/openssl.log" openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -out "$1.new" -days 3650 -extfile "$1.ext"
  mv "$1.new" "$1.crt"
}
cert apiserver /CN=kube-apiserver
cert admin /O=system:masters/CN=admin
cert kubelet "/O=system:nodes/CN=system:node:$NODE_NAME"
cert kube-controller-manager /CN=system:kube-controller-manager
cert kube-scheduler /CN=system:kube-scheduler
cert kube-proxy /CN=system:kube-proxy
cert aggregator /CN=aggregator

kubeconfig() { # FILE NAME
  [ ! -f "$1" ] || return 0
  rm -f "$1.new"
  local config=(kubectl config "--kubeconfig=$1.new")
  "${config[@]}" set-cluster lab --server="https://$NODE_IP:$API_PORT" --certificate-authority=ca.crt --embed-certs >/dev/null
  "${config[@]}" set-credentials "$2" --client-certificate="$2.crt" --client-key="$2.key" --embed-certs >/dev/null
  "${config[@]}" set-context lab --cluster=lab --user="$2" >/dev/null
  "${config[@]}" use-context lab >/dev/null
  mv "$1.new" "$1"
}
kubeconfig "$KUBECONFIG" admin
for name in kubelet kube-controller-manager kube-scheduler kube-proxy; do kubeconfig "$LAB_DIR/$name.kubeconfig" $name; done

# --- components --------------------------------------------------------------
cd "$LAB_DIR"
mkdir -p cni components containerd kubelet podlogs
put resolv.conf </dev/null
render containerd.toml | put containerd.toml
render cni.conflist | put cni/10-lab.conflist
render kubelet.yaml | put kubelet.yaml
render kube-proxy.yaml | put kube-proxy.yaml

component() { # NAME, its command on standard input
  { printf '#!/bin/sh\nexec '; cat; } | put "components/$1"
  chmod 755 "components/$1"
}
component 10-etcd <<EOF
$BIN/etcd --data-dir=$LAB_DIR/etcd --unsafe-no-fsync \\
  --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 \\
  --listen-peer-urls=http://127.0.0.1:2380 --initial-advertise-peer-urls=http://127.0.0.1:2380 \\
  --initial-cluster=default=http://127.0.0.1:2380
EOF
component 20-kube-apiserver <<EOF
$BIN/kube-apiserver --etcd-servers=http://127.0.0.1:2379 \\
  --bind-address=$NODE_IP --secure-port=$API_PORT --advertise-address=$NODE_IP \\
  --service-cluster-ip-range=$SERVICE_CIDR --allow-privileged=true --authorization-mode=Node,RBAC \\
  --enable-admission-plugins=NodeRestriction \\
  --tls-cert-file=$PKI/apiserver.crt --tls-private-key-file=$PKI/apiserver.key --client-ca-file=$PKI/ca.crt \\
  --service-account-issuer=https://kubernetes.default.svc \\
  --service-account-key-file=$PKI/sa.pub --service-account-signing-key-file=$PKI/sa.key \\
  --kubelet-preferred-address-types=InternalIP \\
  --kubelet-client-certificate=$PKI/admin.crt --kubelet-client-key=$PKI/admin.key \\
  --requestheader-client-ca-file=$PKI/ca.crt --requestheader-allowed-names=aggregator \\
  --requestheader-extra-headers-prefix=X-Remote-Extra- --requestheader-group-headers=X-Remote-Group \\
  --requestheader-username-headers=X-Remote-User \\
  --proxy-client-cert-file=$PKI/aggregator.crt --proxy-client-key-file=$PKI/aggregator.key
EOF
component 30-kube-controller-manager <<EOF
$BIN/kube-controller-manager --kubeconfig=$LAB_DIR/kube-controller-manager.kubeconfig --bind-address=127.0.0.1 \\
  --service-account-private-key-file=$PKI/sa.key --root-ca-file=$PKI/ca.crt --use-service-account-credentials=true \\
  --allocate-node-cidrs=false --leader-elect=false
EOF
component 31-kube-scheduler <<EOF
$BIN/kube-scheduler --kubeconfig=$LAB_DIR/kube-scheduler.kubeconfig --bind-address=127.0.0.1 --leader-elect=false
EOF
component 40-containerd <<EOF
containerd --config=$LAB_DIR/containerd.toml --address=$SOCK --root=$LAB_DIR/containerd/root --state=/run/containerd/state
EOF
component 50-kube-proxy <<EOF
$BIN/kube-proxy --config=$LAB_DIR/kube-proxy.yaml --hostname-override=$NODE_NAME
EOF
component 60-kubelet <<EOF
$BIN/kubelet --config=$LAB_DIR/kubelet.yaml --kubeconfig=$LAB_DIR/kubelet.kubeconfig \\
  --hostname-override=$NODE_NAME --node-ip=$NODE_IP --root-dir=$LAB_DIR/kubelet
EOF

# --- the machine ---------------------------------------------------------------
if ! init_pid >/dev/null; then
  # Its pods' control groups are below one of its own, so that all of them can be removed.
  cgroup_hierarchies | while read -r hierarchy; do mkdir -p "$hierarchy/$LAB_NAME"; done
  # Directories whose place is fixed in the programs; what we make here is removed in the end.
  while read -r dir; do
    if [ ! -d "$dir" ]; then mkdir -p "$dir"; echo "$dir" >>made-directories; fi
  done <"$LAB/private-directories"
  : >"$RUN/node.log"
  nohup setsid nsenter --net="/run/netns/$LAB_NAME" unshare --mount --uts --ipc --pid --fork --kill-child --mount-proc \
    bash "$LAB/machine.sh" >>"$RUN/node.log" 2>&1 </dev/null &
  outer=$!
  found() { pgrep -P "$outer" >init.pid && init_pid; }
  wait_for 20 "process 1 of the lab's machine (see $RUN/node.log)" found || { cat "$RUN/node.log"; exit 1; }
  say "started; logs are in $RUN"
fi
wait_for 120 "the API server" kubectl get --raw /readyz
wait_for 60 containerd ctr -a "$SOCK" version
binary_image pause "$BIN/node"
wait_for 120 "the node" kubectl get node "$NODE_NAME"
kubectl wait --for=condition=Ready "node/$NODE_NAME" --timeout=180s >/dev/null
