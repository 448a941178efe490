package fleet

// Lines returns the events of lines that tell the result as it is now to those who have seen nothing of it. They have no time.
func (r *Result) Lines(site Site, invokeID string, secrets Secrets) []Event {
	s := &stream{secrets: secrets}
	pieces := s.take(string(r.Output), r.Dropped, r.InvocationStatus.Terminal())
	torn, _ := s.tear()
	var events []Event
	for _, p := range append(pieces, piece{text: torn}) {
		if p != (piece{}) {
			event := linesEvent(site, streamKey{invokeID, r.InstanceId}, p)
			secrets.mask(&event)
			events = append(events, event)
		}
	}
	return events
}

func linesEvent(site Site, key streamKey, p piece) Event {
	return Event{
		Event: LinesEvent, Site: site, InvokeId: key.invokeID, InstanceId: key.instanceID,
		Output: Output(p.text), Dropped: p.dropped, DroppedWithin: p.within,
	}
}
