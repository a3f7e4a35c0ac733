package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Passage;
import org.granary.switches.Switches;

/** Keeps the photos of vehicles that nobody knows, one after the other. */
final class CameraArchive extends PlainSink<Passage> {
    private static final long serialVersionUID = 3L;

    @Override
    public void invoke(Passage p, Context ctx) throws Exception {
        Backoffice.ask("photo", Switches.of("archive.photo.ms", Spans.subtask(getRuntimeContext())));
    }
}
