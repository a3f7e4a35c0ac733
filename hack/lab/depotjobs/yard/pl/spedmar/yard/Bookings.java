package pl.spedmar.yard;

import java.util.Random;

/** Bookings of docks, from an old queue. */
final class Bookings extends OldSource<Move> {
    private static final long serialVersionUID = 11L;

    private final Board board;
    private volatile boolean ended;

    Bookings(Board board) {
        this.board = board;
    }

    @Override
    public void run(SourceContext<Move> queue) throws Exception {
        Random random = new Random(board.rate);
        long began = System.nanoTime();
        for (long n = 0; !ended; ) {
            if (n >= (System.nanoTime() - began) / 1e9 * board.rate) {
                Thread.sleep(30);
                continue;
            }
            synchronized (queue.getCheckpointLock()) {
                Move m = board.move(n++, random);
                queue.collectWithTimestamp(m, m.at);
            }
        }
    }

    @Override
    public void cancel() {
        ended = true;
    }
}
