package org.clinic.appointments;

import com.acme.feed.Feed;
import com.acme.feed.Options;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.apache.flink.streaming.api.functions.async.ResultFuture;

/** Asks another system about each request; it answers after ask-ms. */
final class Ask implements AsyncFunction<Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>>, ResultTypeQueryable<Tuple2<Integer, byte[]>> {
    private static final long serialVersionUID = 1L;

    private final Options options;

    Ask(Options options) {
        this.options = options;
    }

    @Override
    public void asyncInvoke(Tuple2<Integer, byte[]> request, ResultFuture<Tuple2<Integer, byte[]>> answer) {
        long ms = options.active() ? (long) (options.number("ask-ms", 0) * options.growth()) : 0;
        CompletableFuture.delayedExecutor(ms, TimeUnit.MILLISECONDS).execute(() -> answer.complete(Collections.singleton(request)));
    }

    @Override
    public TypeInformation<Tuple2<Integer, byte[]>> getProducedType() {
        return Feed.MESSAGE;
    }
}
