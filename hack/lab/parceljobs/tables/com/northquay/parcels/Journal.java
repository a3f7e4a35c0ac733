package com.northquay.parcels;

import com.northquay.quay.Neighbours;
import com.northquay.quay.Subtask;
import java.io.IOException;
import org.apache.flink.table.api.dataview.ListView;
import org.apache.flink.table.functions.AggregateFunction;
import org.apache.flink.table.functions.FunctionContext;
import org.slipway.dials.Dials;

/** Keeps the first notes of a group, so many, and counts all of them. */
public final class Journal extends AggregateFunction<Long, Journal.Book> {
    private static final long serialVersionUID = 1L;

    private transient int subtask;

    /** The notes of one group. */
    public static final class Book {
        public long count;
        public ListView<String> notes = new ListView<>();
    }

    @Override
    public void open(FunctionContext context) {
        subtask = Subtask.of(context);
        PriceBook.open();
    }

    @Override
    public Book createAccumulator() {
        return new Book();
    }

    public void accumulate(Book book, String note, Integer keep) throws Exception {
        if (book.count < keep) {
            book.notes.add(note);
        }
        book.count++;
        review();
    }

    private void review() throws IOException {
        Neighbours.ask("journal", Dials.at("journal.http", subtask));
    }

    @Override
    public Long getValue(Book book) {
        return book.count;
    }
}
