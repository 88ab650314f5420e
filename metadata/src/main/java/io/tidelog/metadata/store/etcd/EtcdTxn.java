package io.tidelog.metadata.store.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.tidelog.metadata.api.Txn;
import io.tidelog.metadata.api.TxnResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A transaction in jetcd's words, and its answer in ours. */
record EtcdTxn(Keyspace keys, Txn txn) {

  CompletableFuture<TxnResponse> commit(KV kv) {
    return kv.txn()
        .If(txn.compares().stream().map(this::compare).toArray(Cmp[]::new))
        .Then(ops(txn.thenOps()))
        .Else(ops(txn.elseOps()))
        .commit();
  }

  TxnResult result(TxnResponse response) {
    var read =
        response.getGetResponses().stream()
            .flatMap(found -> found.getKvs().stream())
            .map(keys::entry)
            .toList();
    return new TxnResult(response.isSucceeded(), response.getHeader().getRevision(), read);
  }

  private Cmp compare(Txn.Compare compare) {
    var target =
        switch (compare) {
          case Txn.Compare.CreateRevision create -> CmpTarget.createRevision(create.revision());
          case Txn.Compare.ModRevision mod -> CmpTarget.modRevision(mod.revision());
        };
    return new Cmp(keys.key(compare.key()), Cmp.Op.EQUAL, target);
  }

  private Op[] ops(List<Txn.Op> ops) {
    return ops.stream().map(this::op).toArray(Op[]::new);
  }

  private Op op(Txn.Op op) {
    var key = keys.key(op.key());
    return switch (op) {
      case Txn.Op.Put put ->
          Op.put(
              key,
              ByteSequence.from(put.value()),
              PutOption.builder().withLeaseId(put.lease()).build());
      case Txn.Op.Delete delete -> Op.delete(key, DeleteOption.DEFAULT);
      case Txn.Op.Get get -> Op.get(key, GetOption.DEFAULT);
    };
  }
}
